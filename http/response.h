// Response heads and whole small responses (RFC 9112 4), appended to a string.
//
// Functions of their arguments; usable from any core. The strings of a head must not hold line
// breaks that came from a client; nothing is checked here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace http {

struct ResponseHead {
  int status = 200;
  int version_minor = 1;  // the request's; the status line always says HTTP/1.1 (RFC 9110 2.5)
  bool keep_alive = true;
  std::string_view content_type{};   // "" leaves it out
  std::string_view extra_headers{};  // "Name: value\r\n", any number of them
  std::string_view date{};           // IMF-fixdate; "" leaves it out
};

// Framed by Content-Length, which 1xx and 204 must not carry (RFC 9110 8.6). The answer to a HEAD
// is this alone, with the length that a GET would have had.
void append_head(std::string& out, const ResponseHead& head, std::size_t content_length);

// A head that differs from others only in its Content-Length, ready for many bodies.
class HeadOfKnownLength {
 public:
  // The status must be one that allows content.
  explicit HeadOfKnownLength(const ResponseHead& head);

  // HOT. The head with the body's size, and the body.
  void append_response(std::string& out, std::string_view body) const;

 private:
  std::string before_length_;
  std::string after_length_;
};

// Framed by chunks; for a request of HTTP/1.0 by closing, whatever keep_alive says.
void append_chunked_head(std::string& out, const ResponseHead& head);

// A head and its body. The body is left out where the status allows none.
void append_response(std::string& out, const ResponseHead& head, std::string_view body);

}  // namespace http

// The heads of successful responses, ready to be sent.
//
// Owned by one core. Heads differ between responses only in the Date, so each is rendered once a
// second at most, and not at all when nobody needs it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "comet/routes.h"
#include "comet/transport.h"
#include "http/response.h"

namespace comet {

class ResponseHeads {
 public:
  // `origin_headers` are lines of every front response; `sse_retry_ms` opens every /sse.
  ResponseHeads(std::string_view origin_headers, std::uint32_t sse_retry_ms);

  // From now on.
  void reconfigure(std::string_view origin_headers, std::uint32_t sse_retry_ms);

  // True when the Date changed.
  bool begin_turn(std::int64_t unix_s);

  // Head, and the transport's preamble as a chunk. HOT.
  std::string_view endless(Framing framing, bool keep_alive);
  // The same with more header lines.
  void append_endless(std::string& out, Framing framing, bool keep_alive, std::string_view lines);

  // HOT. A whole successful response of a port, with a body of known size. The content type's text
  // lives as long as the program.
  void append_response(std::string& out, Port port, std::string_view content_type, bool keep_alive,
                       std::string_view body);
  // The same for the front port, with more header lines.
  void append_front_response(std::string& out, std::string_view content_type, bool keep_alive,
                             std::string_view lines, std::string_view body);

  [[nodiscard]] std::string_view date() const { return {date_.data(), date_.size()}; }
  // Header lines that every front response carries.
  [[nodiscard]] std::string_view front_headers() const { return front_headers_; }

 private:
  struct CompleteHead {
    Port port;
    std::string_view content_type;
    bool keep_alive;
    http::HeadOfKnownLength head;
  };
  void forget();
  const http::HeadOfKnownLength& complete(Port port, std::string_view content_type,
                                          bool keep_alive);

  std::string front_headers_;
  std::uint32_t sse_retry_ms_ = 0;
  std::array<char, 29> date_{};
  std::int64_t unix_s_ = -1;
  std::array<std::string, kFramings * 2> endless_;  // by framing and keep_alive
  std::vector<CompleteHead> complete_;  // a handful: ports, content types and keep_alive
};

}  // namespace comet

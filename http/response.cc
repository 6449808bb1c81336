#include "http/response.h"

#include <charconv>

#include "http/status.h"
#include "reactor/check.h"

namespace http {
namespace {

constexpr std::string_view kContentLength = "Content-Length: ";

bool allows_content(int status) { return status >= 200 && status != 204 && status != 304; }

void append_number(std::string& out, std::size_t number) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

void append_field(std::string& out, std::string_view name_and_colon, std::string_view value) {
  out.append(name_and_colon).append(value).append("\r\n");
}

void append_start(std::string& out, const ResponseHead& head) {
  DCHECK(head.status >= 100 && head.status <= 999);
  // Beyond strings of ours, a head is about 120 bytes: one growth instead of several.
  const std::size_t size = 160 + head.content_type.size() + head.extra_headers.size();
  if (out.capacity() - out.size() < size) out.reserve(out.size() + size + out.capacity());
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(head.status));
  out.push_back(' ');
  out.append(status_reason(head.status)).append("\r\n");
  if (!head.date.empty()) append_field(out, "Date: ", head.date);
  if (!head.content_type.empty()) append_field(out, "Content-Type: ", head.content_type);
}

// Says keep-alive even where HTTP/1.1 implies it: old clients look for it.
void append_end(std::string& out, const ResponseHead& head, bool keep_alive) {
  out.append(keep_alive ? std::string_view("Connection: keep-alive\r\n")
                        : std::string_view("Connection: close\r\n"));
  out.append(head.extra_headers).append("\r\n");
}

}  // namespace

HeadOfKnownLength::HeadOfKnownLength(const ResponseHead& head) {
  DCHECK(allows_content(head.status));
  append_start(before_length_, head);
  before_length_.append(kContentLength);
  after_length_.append("\r\n");
  append_end(after_length_, head, head.keep_alive);
}

void HeadOfKnownLength::append_response(std::string& out, std::string_view body) const {
  out.append(before_length_);
  append_number(out, body.size());
  out.append(after_length_).append(body);
}

void append_head(std::string& out, const ResponseHead& head, std::size_t content_length) {
  append_start(out, head);
  if (allows_content(head.status)) {
    out.append(kContentLength);
    append_number(out, content_length);
    out.append("\r\n");
  }
  append_end(out, head, head.keep_alive);
}

void append_chunked_head(std::string& out, const ResponseHead& head) {
  append_start(out, head);
  if (head.version_minor == 0) {
    append_end(out, head, false);
    return;
  }
  out.append("Transfer-Encoding: chunked\r\n");
  append_end(out, head, head.keep_alive);
}

void append_response(std::string& out, const ResponseHead& head, std::string_view body) {
  append_head(out, head, body.size());
  if (allows_content(head.status)) out.append(body);
}

}  // namespace http

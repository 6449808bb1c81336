// As much of HTTP/1.1 (RFC 9112) as a client needs that knows its server: heads and lengths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace load {

struct HttpHead {
  int status = 0;
  std::size_t bytes = 0;  // with the empty line that ends it
  std::optional<std::size_t> content_length;
};

// Nothing while the head is not whole. What is no response of HTTP/1.x has status 0.
std::optional<HttpHead> read_head(std::string_view bytes);

// The decimal number at the start of `text`, taken off it; nothing when there is none.
inline std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  std::size_t digits = 0;
  // 19 digits always fit.
  while (digits < text.size() && digits < 19 && text[digits] >= '0' && text[digits] <= '9') {
    number = number * 10 + static_cast<std::uint64_t>(text[digits] - '0');
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

// The start of something unexpected, fit to be printed in one line.
std::string excerpt(std::string_view bytes);

}  // namespace load

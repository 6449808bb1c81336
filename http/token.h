// Tokens (RFC 9110 5.6.2): names of methods, of header fields and of subprotocols.
//
// Functions of their arguments; usable from any core.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "http/ascii.h"

namespace http {

// Bytes of a token in lower case, 0 for all others.
inline constexpr std::array<char, 256> kTokenLowerCase = [] {
  std::array<char, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    const char c = static_cast<char>(byte);
    const bool is_mark = std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    if (is_mark || is_ascii_alphanumeric(c)) table[byte] = ascii_lower(c);
  }
  return table;
}();

constexpr char token_lower_case(char c) { return kTokenLowerCase[static_cast<unsigned char>(c)]; }

constexpr bool is_token(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return token_lower_case(c) != 0; });
}

}  // namespace http

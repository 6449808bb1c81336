#include "comet/bearer_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/ascii.h"

namespace comet {
namespace {

constexpr std::string_view kScheme = "bearer ";

// Of a key's characters, RFC 6750 2.1: what a header can carry as it is.
bool is_of_token(char c) {
  return http::is_ascii_alphanumeric(c) ||
         std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

// Looks at all of `shown`, wherever the first difference is.
bool equal_in_constant_time(std::string_view shown, std::string_view key) {
  unsigned difference = shown.size() == key.size() ? 0u : 1u;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    difference |= static_cast<unsigned char>(shown[i] ^ key[i % key.size()]);
  }
  return difference == 0;
}

}  // namespace

std::optional<std::string> BearerKeys::complaint(std::string_view key) {
  if (key.size() < kKeyBytesMin || key.size() > kKeyBytesMax) {
    return fmt::format("a key has {} to {} characters, not {}", kKeyBytesMin, kKeyBytesMax,
                       key.size());
  }
  if (!std::ranges::all_of(key, is_of_token)) {
    return "a key consists of letters, digits and -._~+/=";
  }
  return std::nullopt;
}

bool BearerKeys::accept(std::string_view authorization) const {
  // RFC 9110 11.1: the scheme's name in any case.
  const bool is_bearer =
      authorization.size() > kScheme.size() &&
      http::equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme);
  if (!is_bearer) return false;
  authorization.remove_prefix(kScheme.size());
  while (authorization.starts_with(' ')) authorization.remove_prefix(1);
  bool accepted = false;
  for (const std::string& key : keys_) {
    accepted = equal_in_constant_time(authorization, key) || accepted;
  }
  return accepted;
}

}  // namespace comet

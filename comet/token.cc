#include "comet/token.h"

#include "reactor/random.h"

namespace comet {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Token Token::random() {
  Token token;
  reactor::fill_random(token.bytes);
  return token;
}

std::optional<Token> Token::parse(std::string_view hex) {
  Token token;
  if (hex.size() != 2 * token.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < token.bytes.size(); ++i) {
    const int high = digit_value(hex[2 * i]);
    const int low = digit_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    token.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return token;
}

std::string Token::hex() const {
  std::string out;
  out.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0xf];
  }
  return out;
}

bool Token::equals_constant_time(const Token& other) const {
  // The fold must not end early; a volatile sum keeps the compiler from making it do so.
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    difference = static_cast<std::uint8_t>(difference | (bytes[i] ^ other.bytes[i]));
  }
  return difference == 0;
}

}  // namespace comet

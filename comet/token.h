// The secret of a channel that /sign hands out: 128 random bits from the kernel.
//
// A value, usable from any core.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace comet {

struct Token {
  std::array<std::uint8_t, 16> bytes{};

  static Token random();

  // From 32 hexadecimal digits of either case; nothing from anything else.
  static std::optional<Token> parse(std::string_view hex);

  // 32 digits, lower case.
  [[nodiscard]] std::string hex() const;

  // Takes the same time wherever the first difference stands, so that guessing byte by byte
  // tells nothing. There is no operator== on purpose.
  [[nodiscard]] bool equals_constant_time(const Token& other) const;
};

static_assert(sizeof(Token) == 16);

}  // namespace comet

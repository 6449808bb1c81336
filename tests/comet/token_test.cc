#include "comet/token.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace comet {
namespace {

constexpr std::string_view kHex = "00017f80ff0123456789abcdef10fe5a";

TEST(Token, HexIsReadAndWritten) {
  const auto token = Token::parse(kHex);
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->bytes[0], 0x00);
  EXPECT_EQ(token->bytes[3], 0x80);
  EXPECT_EQ(token->bytes[15], 0x5a);
  EXPECT_EQ(token->hex(), kHex);
}

TEST(Token, UpperCaseIsReadToo) {
  const auto token = Token::parse("00017F80FF0123456789ABCDEF10FE5A");
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->hex(), kHex);
}

TEST(Token, OnlyThirtyTwoDigitsAreAToken) {
  EXPECT_FALSE(Token::parse(""));
  EXPECT_FALSE(Token::parse(kHex.substr(1)));
  EXPECT_FALSE(Token::parse(std::string(33, '0')));
  for (std::size_t i = 0; i < kHex.size(); ++i) {
    for (const char bad : {'g', 'G', ' ', '/', ':', '@', '`', '\0', '\x80'}) {
      std::string text(kHex);
      text[i] = bad;
      EXPECT_FALSE(Token::parse(text)) << i << " " << bad;
    }
  }
}

TEST(Token, EqualsOnlyItself) {
  const Token token = *Token::parse(kHex);
  EXPECT_TRUE(token.equals_constant_time(token));
  for (std::size_t bit = 0; bit < 128; ++bit) {
    Token other = token;
    other.bytes[bit / 8] = static_cast<std::uint8_t>(other.bytes[bit / 8] ^ (1u << (bit % 8)));
    EXPECT_FALSE(token.equals_constant_time(other)) << bit;
  }
}

TEST(Token, RandomOnesDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(Token::random().hex()).second);
}

}  // namespace
}  // namespace comet

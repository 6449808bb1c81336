#include "http/query.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {
namespace {

using namespace std::literals;

std::optional<std::string> decode(std::string_view in) {
  std::string out = "left over";
  if (!decode_component(in, out)) return std::nullopt;
  return out;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs_of(std::string_view query) {
  Pairs pairs;
  for_each_pair(query, [&pairs](std::string_view name, std::string_view value) {
    pairs.emplace_back(name, value);
  });
  return pairs;
}

TEST(Query, PlusIsASpace) {
  EXPECT_EQ(decode("a+b"), "a b");
  EXPECT_EQ(decode("+"), " ");
  EXPECT_EQ(decode("++a++"), "  a  ");
  EXPECT_EQ(decode("%2B"), "+");
}

TEST(Query, PercentIsAByteInEitherCase) {
  EXPECT_EQ(decode("%41"), "A");
  EXPECT_EQ(decode("%e4%B8%aD"), "\xe4\xb8\xad");
  EXPECT_EQ(decode("%25%32%35"), "%25");
  EXPECT_EQ(decode("a%00b"), "a\0b"sv);
}

TEST(Query, EveryByteCanBeEscaped) {
  constexpr char kUpper[] = "0123456789ABCDEF";
  constexpr char kLower[] = "0123456789abcdef";
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::string expected(1, static_cast<char>(byte));
    EXPECT_EQ(decode(std::string{'%', kUpper[byte >> 4], kUpper[byte & 15]}), expected) << byte;
    EXPECT_EQ(decode(std::string{'%', kLower[byte >> 4], kLower[byte & 15]}), expected) << byte;
  }
}

TEST(Query, OnlyHexDigitsFollowAPercent) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    EXPECT_EQ(decode(std::string{'%', c, '0'}).has_value(), is_hex) << byte;
    EXPECT_EQ(decode(std::string{'%', '0', c}).has_value(), is_hex) << byte;
  }
}

TEST(Query, AnEscapeCutShortIsRefused) {
  for (const std::string_view in : {"%"sv, "%4"sv, "a%"sv, "a%4"sv, "%41%"sv, "%%41"sv, "%4%1"sv}) {
    EXPECT_EQ(decode(in), std::nullopt) << in;
  }
}

TEST(Query, OtherBytesAreUnchanged) {
  EXPECT_EQ(decode(""), "");
  EXPECT_EQ(decode("a=b&c;/?:@-._~!$'()*,"), "a=b&c;/?:@-._~!$'()*,");
  EXPECT_EQ(decode("\0\x7f\xff\xe4"sv), "\0\x7f\xff\xe4"sv);
}

// The scan takes sixteen bytes at a time: something to find at every place of two and a bit blocks.
TEST(Query, DecodesAtEveryOffset) {
  for (std::size_t size = 1; size <= 40; ++size) {
    const std::string plain(size, 'x');
    EXPECT_EQ(decode(plain), plain);
    for (std::size_t at = 0; at < size; ++at) {
      std::string expected = plain;
      expected[at] = ' ';
      std::string with_plus = plain;
      with_plus[at] = '+';
      EXPECT_EQ(decode(with_plus), expected);
      std::string with_percent = plain;
      with_percent.replace(at, 1, "%20");
      EXPECT_EQ(decode(with_percent), expected);
      std::string broken = plain;
      broken[at] = '%';
      EXPECT_EQ(decode(broken), std::nullopt);
    }
  }
}

TEST(Query, DecodingReplacesWhatWasThereAndKeepsItsStorage) {
  std::string out(100, 'z');
  const char* const storage = out.data();
  ASSERT_TRUE(decode_component("a%20b", out));
  EXPECT_EQ(out, "a b");
  EXPECT_EQ(out.data(), storage);
}

TEST(Query, PairsComeInOrder) {
  EXPECT_EQ(pairs_of("a=1&b=2&a=3"), (Pairs{{"a", "1"}, {"b", "2"}, {"a", "3"}}));
}

TEST(Query, PairsAreStillEncoded) {
  EXPECT_EQ(pairs_of("a%3D=b%26+c"), (Pairs{{"a%3D", "b%26+c"}}));
}

TEST(Query, TheFirstEqualsSignSeparates) {
  EXPECT_EQ(pairs_of("a=b=c"), (Pairs{{"a", "b=c"}}));
  EXPECT_EQ(pairs_of("=b"), (Pairs{{"", "b"}}));
  EXPECT_EQ(pairs_of("="), (Pairs{{"", ""}}));
}

TEST(Query, AValueMayBeMissing) {
  EXPECT_EQ(pairs_of("a"), (Pairs{{"a", ""}}));
  EXPECT_EQ(pairs_of("a&b="), (Pairs{{"a", ""}, {"b", ""}}));
}

TEST(Query, EmptyPairsArePassedOver) {
  EXPECT_EQ(pairs_of(""), Pairs());
  EXPECT_EQ(pairs_of("&"), Pairs());
  EXPECT_EQ(pairs_of("&&a=1&&b=2&&"), (Pairs{{"a", "1"}, {"b", "2"}}));
}

TEST(Query, ASemicolonIsNoSeparator) { EXPECT_EQ(pairs_of("a=1;b=2"), (Pairs{{"a", "1;b=2"}})); }

}  // namespace
}  // namespace http

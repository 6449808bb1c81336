#include "http/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace http {
namespace {

using namespace std::literals;

TEST(Utf8, AcceptsEveryLengthOfCharacter) {
  for (const std::string_view text :
       {""sv, "a"sv, "\0"sv, "\x7f"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv,
        "\xed\x9f\xbf"sv, "\xee\x80\x80"sv, "\xef\xbf\xbf"sv, "\xf0\x90\x80\x80"sv,
        "\xf4\x8f\xbf\xbf"sv, "\xe4\xb8\xad\xe6\x96\x87"sv}) {
    EXPECT_TRUE(is_valid_utf8(text)) << testing::PrintToString(text);
  }
}

TEST(Utf8, RefusesWhatIsNot) {
  const std::string_view cases[] = {
      "\x80",  // a continuation alone
      "\xbf",
      "\xc0\x80",  // overlong
      "\xc1\xbf",
      "\xe0\x9f\xbf",
      "\xf0\x8f\xbf\xbf",
      "\xed\xa0\x80",  // a surrogate
      "\xed\xbf\xbf",
      "\xf4\x90\x80\x80",  // above U+10FFFF
      "\xf5\x80\x80\x80",
      "\xff",
      "\xc3",  // cut short
      "\xe4\xb8",
      "\xf0\x9f\x98",
      "\xc3(",
      "a\xe4\xb8z",
  };
  for (const std::string_view text : cases) {
    EXPECT_FALSE(is_valid_utf8(text)) << testing::PrintToString(text);
  }
}

TEST(Utf8, FindsABadByteAnywhereInALongText) {
  for (std::size_t at = 0; at < 200; ++at) {
    std::string text(200, 'x');
    EXPECT_TRUE(is_valid_utf8(text));
    text[at] = '\xff';
    EXPECT_FALSE(is_valid_utf8(text)) << at;
  }
}

}  // namespace
}  // namespace http

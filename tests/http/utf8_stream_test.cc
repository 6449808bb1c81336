#include "http/utf8_stream.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "http/utf8.h"

namespace http {
namespace {

using namespace std::literals;

// Bytes that can be the beginning of a text, and whether the text may end there.
bool may_go_on(std::string_view bytes) { return Utf8Stream().feed(bytes); }

std::string bytes_of(std::initializer_list<unsigned> values) {
  std::string bytes;
  for (const unsigned value : values) bytes.push_back(static_cast<char>(value));
  return bytes;
}

TEST(Utf8Stream, AgreesWithTheCheckOfWholeTextsOnEveryCharacterOfUpToThreeBytesAndEveryLead) {
  // Every pair of bytes, followed by nothing, one or two continuations.
  for (unsigned first = 0; first < 0x100; ++first) {
    for (unsigned second = 0; second < 0x100; ++second) {
      for (const std::string_view rest : {""sv, "\x80"sv, "\xbf\x80"sv, "\x80\xc0"sv}) {
        const std::string text = bytes_of({first, second}).append(rest);
        Utf8Stream stream;
        const bool valid = stream.feed(text) && stream.is_complete();
        ASSERT_EQ(valid, is_valid_utf8(text)) << testing::PrintToString(text);
      }
    }
  }
}

TEST(Utf8Stream, HowTheTextIsCutMakesNoDifference) {
  for (const std::string_view text :
       {"a\xc2\xa9z\xe4\xb8\xad\xf0\x9f\x98\x80!"sv, "\xed\x9f\xbf\xee\x80\x80"sv, "ab\xe4\xb8"sv,
        "ab\xf4\x90"sv, "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80"sv}) {
    Utf8Stream whole;
    const bool expected = whole.feed(text);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      Utf8Stream parts;
      const bool ok = parts.feed(text.substr(0, cut)) && parts.feed(text.substr(cut));
      EXPECT_EQ(ok, expected) << cut;
      EXPECT_EQ(ok && parts.is_complete(), ok && whole.is_complete()) << cut;
    }
  }
}

TEST(Utf8Stream, RefusesAtTheFirstByteThatCannotBeRight) {
  EXPECT_TRUE(may_go_on("\xed"));
  EXPECT_FALSE(may_go_on("\xed\xa0"));  // a surrogate, before its last byte
  EXPECT_TRUE(may_go_on("\xf4\x8f"));
  EXPECT_FALSE(may_go_on("\xf4\x90"));  // above U+10FFFF
  EXPECT_FALSE(may_go_on("\xe0\x9f"));  // overlong
  EXPECT_FALSE(may_go_on("\xf0\x8f"));
  EXPECT_FALSE(may_go_on("\xc1"));
  EXPECT_FALSE(may_go_on("\xf5"));
  EXPECT_FALSE(may_go_on("\x80"));
}

TEST(Utf8Stream, IsIncompleteWithinACharacter) {
  Utf8Stream stream;
  EXPECT_TRUE(stream.is_complete());
  for (const char c : "\xf0\x9f\x98"sv) {
    EXPECT_TRUE(stream.feed({&c, 1}));
    EXPECT_FALSE(stream.is_complete());
  }
  EXPECT_TRUE(stream.feed("\x80"));
  EXPECT_TRUE(stream.is_complete());
  EXPECT_TRUE(stream.feed("\xf0"));
  stream.reset();
  EXPECT_TRUE(stream.is_complete());
}

}  // namespace
}  // namespace http

#include "http/json.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>
#include <string>
#include <string_view>

namespace http {
namespace {

using namespace std::literals;

std::string escape(std::string_view raw) {
  std::string out = ">";
  append_json_escaped(out, raw);
  return out.substr(1);
}

std::string iframe(std::string_view json) {
  std::string out = ">";
  append_iframe_escaped(out, json);
  return out.substr(1);
}

TEST(JsonEscape, HasAShortFormForTheUsualOnes) {
  EXPECT_EQ(escape("\"\\\n\r\t\b\f"), R"(\"\\\n\r\t\b\f)");
}

TEST(JsonEscape, WritesOtherControlsInUpperCaseHex) {
  EXPECT_EQ(escape("\0\x01\x07\x0b\x0e\x1a\x1f"sv),
            R"(\u0000\u0001\u0007\u000B\u000E\u001A\u001F)");
}

TEST(JsonEscape, LeavesAllElseAlone) {
  std::string rest;
  for (int byte = 0x20; byte < 256; ++byte) {
    if (byte != '"' && byte != '\\') rest.push_back(static_cast<char>(byte));
  }
  EXPECT_EQ(escape(rest), rest);
  EXPECT_EQ(escape(""), "");
  EXPECT_EQ(escape("</script>\x7f\xe4\xb8\xad"), "</script>\x7f\xe4\xb8\xad");
}

// The scan takes sixteen bytes at a time: every special byte at every place of two and a bit
// blocks.
TEST(JsonEscape, FindsEverySpecialByteAtEveryOffset) {
  std::string specials = "\"\\";
  for (char control = 0; control < 0x20; ++control) specials.push_back(control);
  for (std::size_t size = 1; size <= 36; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char special : specials) {
        std::string raw(size, '\xe9');
        raw[at] = special;
        const std::string expected =
            std::string(at, '\xe9') + escape({&special, 1}) + std::string(size - at - 1, '\xe9');
        ASSERT_EQ(escape(raw), expected) << size << " " << at << " " << static_cast<int>(special);
      }
    }
  }
}

TEST(JsonEscape, IsReadBackByAParser) {
  std::mt19937 random(7);
  simdjson::dom::parser parser;
  for (int round = 0; round < 500; ++round) {
    std::string raw;
    for (std::size_t size = random() % 100; size > 0; --size) {
      raw.push_back(static_cast<char>(random() % 4 == 0 ? random() % 0x30 : random() % 0x80));
    }
    const std::string body = escape(raw);
    EXPECT_TRUE(is_json_string_body(body));
    std::string_view read;
    ASSERT_EQ(parser.parse('"' + body + '"').get(read), simdjson::SUCCESS) << body;
    EXPECT_EQ(read, raw);
  }
}

TEST(JsonStringBody, AcceptsWhatMayStandBetweenQuotes) {
  const std::string_view cases[] = {
      "",
      "hello",
      R"(\"\\\/\b\f\n\r\t)",
      R"(\u0041\u00e9\uABCD\uabcd)",
      R"(\u0000)",
      R"(\uD83D\uDE00)",
      R"(\ud800\udc00\uDBFF\uDFFF)",
      R"(\uD7FF\uE000)",
      R"(\\u12)",
      "\x7f",
      "\xe4\xb8\xad\xf0\x9f\x98\x80",
      "{'a':1}</script>",
  };
  for (const std::string_view body : cases) EXPECT_TRUE(is_json_string_body(body)) << body;
}

TEST(JsonStringBody, RefusesWhatWouldBreakTheString) {
  const std::string_view cases[] = {
      "\"",
      "a\"b",
      R"(\)",
      R"(a\\\)",
      "\n",
      "\t",
      "\0"sv,
      "\x1f",
      R"(\a)",
      R"(\')",
      R"(\0)",
      R"(\U0041)",
      R"(\x41)",
      "\\\n",
      "\\\xe4\xb8\xad",
      R"(\u)",
      R"(\u004)",
      R"(\u00g0)",
      R"(\u 041)",
      R"(\u-041)",
      R"(\uD800)",
      R"(\uD83Dx)",
      R"(\uD83D\n)",
      R"(\uD83D\u)",
      R"(\uD83D\uDE0)",
      R"(\uD83D\u0041)",
      R"(\uD83D\uD83D)",
      R"(\uDE00)",
      R"(\uDE00\uD83D)",
      "\xff",
      "\xed\xa0\x80",
      "\xe4\xb8",
      "\xc0\xa2",
  };
  for (const std::string_view body : cases) {
    EXPECT_FALSE(is_json_string_body(body)) << testing::PrintToString(body);
  }
}

TEST(JsonStringBody, AgreesWithAParserOnEscapes) {
  constexpr std::string_view kAlphabet = "\\\\\\\"u/bnDdCc0a8\n";
  std::mt19937 random(11);
  simdjson::dom::parser parser;
  int good = 0;
  for (int round = 0; round < 50000; ++round) {
    std::string body;
    for (std::size_t size = random() % 9; size > 0; --size) {
      body.push_back(kAlphabet[random() % kAlphabet.size()]);
    }
    if (random() % 2 == 0) body.insert(0, random() % 2 == 0 ? "\\uD83D\\uDE00" : "\\ud8");
    std::string_view read;
    const bool parses = parser.parse('"' + body + '"').get(read) == simdjson::SUCCESS;
    // simdjson replaces a lone surrogate, or refuses it, by version; we always refuse.
    if (is_json_string_body(body)) {
      ++good;
      EXPECT_TRUE(parses) << body;
    } else if (body.find("\\u") == std::string::npos) {
      EXPECT_FALSE(parses) << body;
    }
  }
  EXPECT_GT(good, 1000);
}

TEST(JsonStringBody, SeesEveryOffset) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string body(40, 'x');
    EXPECT_TRUE(is_json_string_body(body));
    body[at] = '"';
    EXPECT_FALSE(is_json_string_body(body));
    body[at] = '\x1f';
    EXPECT_FALSE(is_json_string_body(body));
    body[at] = '\\';
    EXPECT_FALSE(is_json_string_body(body));
    body.insert(at + 1, "n");
    EXPECT_TRUE(is_json_string_body(body));
  }
}

TEST(IframeEscape, BreaksEveryEndOfAnElement) {
  EXPECT_EQ(iframe(""), "");
  EXPECT_EQ(iframe("plain < / text"), "plain < / text");
  EXPECT_EQ(iframe("</"), "<\\/");
  EXPECT_EQ(iframe("</script></SCRIPT>"), "<\\/script><\\/SCRIPT>");
  EXPECT_EQ(iframe("<</<//</"), "<<\\/<\\//<\\/");
  EXPECT_EQ(iframe("a<"), "a<");
  EXPECT_EQ(iframe("<!--<script>"), "<\\u0021--<script>");
  EXPECT_EQ(iframe("<!</<!"), "<\\u0021<\\/<\\u0021");
  EXPECT_EQ(iframe("! <1 <-- -->"), "! <1 <-- -->");
  EXPECT_EQ(iframe("<\\/"), "<\\/");
}

TEST(IframeEscape, IsNeededJustWhereItChangesSomething) {
  for (const std::string_view json : {""sv, "<"sv, "/"sv, "</"sv, "< /"sv, "/<"sv, "a</b"sv,
                                      "<\\/"sv, "<</"sv, "<!"sv, "!<"sv, "<<!"sv, "<a</"sv}) {
    EXPECT_EQ(needs_iframe_escape(json), iframe(json) != json) << json;
    EXPECT_FALSE(needs_iframe_escape(iframe(json))) << json;
  }
}

}  // namespace
}  // namespace http

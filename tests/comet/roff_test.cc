#include "comet/roff.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comet {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

std::string page_of(auto write) {
  RoffPage page("T", 8, "2026-01-02", "t 1");
  const std::size_t begin = page.source().size();
  write(page);
  return page.source().substr(begin);
}

TEST(Roff, WhatRoffPrintsOtherwiseIsEscaped) {
  EXPECT_EQ(roff_escaped("--set"), "\\-\\-set");
  EXPECT_EQ(roff_escaped("a\\b"), "a\\eb");
  EXPECT_EQ(roff_escaped("it's \"so\""), "it\\(aqs \\(dqso\\(dq");
  EXPECT_EQ(roff_escaped("`^~"), "\\(ga\\(ha\\(ti");
  EXPECT_EQ(roff_escaped(""), "");
  EXPECT_EQ(roff_escaped("µs"), "µs");
}

TEST(Roff, TextBeginsNoRequest) {
  EXPECT_EQ(roff_escaped(".SH"), "\\&.SH");
  EXPECT_EQ(roff_escaped("'so"), "\\&\\(aqso");
  EXPECT_EQ(roff_escaped("a\n.b"), "a .b");
  EXPECT_EQ(page_of([](RoffPage& page) { page.text(".so /etc/passwd"); }), "\\&.so /etc/passwd\n");
  constexpr std::array<std::string_view, 1> kLines{".ex"};
  EXPECT_THAT(page_of([&](RoffPage& page) { page.example(kLines); }), HasSubstr("\n\\&.ex\n"));
}

TEST(Roff, LinesBreakAtSpacesAndAfterSentences) {
  EXPECT_EQ(page_of([](RoffPage& page) { page.text("One two.  Three"); }), "One two.\nThree\n");
  const std::string word(70, 'x');
  EXPECT_EQ(page_of([&](RoffPage& page) { page.text(word + " seven77 x"); }),
            word + " seven77\nx\n");
  EXPECT_EQ(page_of([&](RoffPage& page) { page.text(word + " eight888 x"); }),
            word + "\neight888 x\n");
  const std::string long_word(200, 'x');
  EXPECT_EQ(page_of([&](RoffPage& page) { page.text(long_word); }), long_word + "\n");
  // A line that breaks before a dot.
  EXPECT_EQ(page_of([&](RoffPage& page) { page.text(word + " xxxxxxx .SH"); }),
            word + " xxxxxxx\n\\&.SH\n");
}

TEST(Roff, AnEntryHasItsNameInBoldAndItsArgumentInItalics) {
  EXPECT_EQ(page_of([](RoffPage& page) {
              page.item({"--set", "KEY=VALUE"});
            }),
            ".TP\n.BI \"\\-\\-set \" \"KEY=VALUE\"\n");
  EXPECT_EQ(page_of([](RoffPage& page) { page.item({"--check"}); }), ".TP\n.B \\-\\-check\n");
}

TEST(Roff, ThePageBeginsWithItsTitle) {
  EXPECT_THAT(RoffPage("A-B", 8, "2026-01-02", "b 1").source(),
              EndsWith(".TH \"A\\-B\" \"8\" \"2026-01-02\" \"b 1\"\n"));
}

}  // namespace
}  // namespace comet

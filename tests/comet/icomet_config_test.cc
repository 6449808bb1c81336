#include "comet/icomet_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comet {
namespace {

using testing::ElementsAre;
using testing::FieldsAre;

std::vector<IcometEntry> entries_of(std::string_view text) {
  const auto entries = parse_icomet_config(text, "i.conf");
  EXPECT_TRUE(entries.ok()) << entries.error();
  return entries.ok() ? *entries : std::vector<IcometEntry>{};
}

std::string error_of(std::string_view text) {
  const auto entries = parse_icomet_config(text, "i.conf");
  return entries.ok() ? "" : entries.error();
}

TEST(IcometConfig, AKeyHasTheNamesOfThoseAboveIt) {
  EXPECT_THAT(
      entries_of("a: 1\nb:\n\tc: 2\n\td:\n\t\te: 3\n\tf: 4\ng: 5\n"),
      ElementsAre(FieldsAre("a", "1", 1u), FieldsAre("b", "", 2u), FieldsAre("b.c", "2", 3u),
                  FieldsAre("b.d", "", 4u), FieldsAre("b.d.e", "3", 5u), FieldsAre("b.f", "4", 6u),
                  FieldsAre("g", "5", 7u)));
}

TEST(IcometConfig, TheFirstColonOrEqualsSignEndsTheKey) {
  EXPECT_THAT(entries_of("a = 1\nlisten: 0.0.0.0:80\nx=y:z\n"),
              ElementsAre(FieldsAre("a", "1", 1u), FieldsAre("listen", "0.0.0.0:80", 2u),
                          FieldsAre("x", "y:z", 3u)));
}

TEST(IcometConfig, CommentsAndEmptyLinesAreCountedAndSkipped) {
  EXPECT_THAT(entries_of("# x\n\n \t\na:\n\t# b: 1\n#\tb: 2\n\tb: 3 # four\n"),
              ElementsAre(FieldsAre("a", "", 4u), FieldsAre("a.b", "3 # four", 7u)));
  EXPECT_THAT(entries_of(""), ElementsAre());
}

TEST(IcometConfig, TheLastLineNeedsNoEndAndCrLfIsOne) {
  EXPECT_THAT(entries_of("a: 1\r\n\r\nb: 2"),
              ElementsAre(FieldsAre("a", "1", 1u), FieldsAre("b", "2", 3u)));
}

TEST(IcometConfig, ARepeatedKeyComesAsOftenAsItIsThere) {
  EXPECT_THAT(entries_of("a:\n\tallow: x\n\tallow: y\n"),
              ElementsAre(FieldsAre("a", "", 1u), FieldsAre("a.allow", "x", 2u),
                          FieldsAre("a.allow", "y", 3u)));
}

TEST(IcometConfig, WhatIsWrongIsNamedWithItsLine) {
  EXPECT_EQ(error_of("a: 1\nnonsense\n"), "i.conf:2: a line is key: value");
  EXPECT_EQ(error_of("a:\n  b: 1\n"), "i.conf:2: lines are indented by tabs, not by spaces");
  EXPECT_EQ(error_of("a:\n\t b: 1\n"), "i.conf:2: lines are indented by tabs, not by spaces");
  EXPECT_EQ(error_of("a:\n\t\tb: 1\n"),
            "i.conf:2: the line is indented by more than one tab below the one before");
  EXPECT_EQ(error_of("\n\tb: 1\n"),
            "i.conf:2: the line is indented, but there is nothing that it stands below");
  EXPECT_EQ(error_of(": 1\n"), "i.conf:1: there is no key before the value");
  EXPECT_EQ(error_of("a: \xff\n"), "i.conf:1: the line is not UTF-8");
  EXPECT_EQ(error_of(std::string_view("a: b\0c\n", 7)),
            "i.conf:1: the line has control characters");
  EXPECT_EQ(error_of("a: b\rc\n"), "i.conf:1: the line has control characters");
}

}  // namespace
}  // namespace comet

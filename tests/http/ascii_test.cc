#include "http/ascii.h"

#include <gtest/gtest.h>

namespace http {
namespace {

TEST(Ascii, WhatIsTrimmedHasNoBlanksAtItsEnds) {
  for (const char* text : {"a b", " a b", "a b\t", " \ta b \t "}) EXPECT_EQ(trimmed(text), "a b");
  EXPECT_EQ(trimmed("\ra\n"), "\ra\n");
  EXPECT_EQ(trimmed("\ra\n", "\r\n"), "a");
  for (const char* blank : {"", " ", " \t "}) EXPECT_EQ(trimmed(blank), "");
}

}  // namespace
}  // namespace http

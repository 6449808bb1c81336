#include "comet/letters.h"

#include <gtest/gtest.h>

namespace comet {
namespace {

TEST(LettersTest, OnlyTheirCaseMayDiffer) {
  EXPECT_TRUE(equals_letters("cname", "cname"));
  EXPECT_TRUE(equals_letters("CNaMe", "cname"));
  EXPECT_TRUE(equals_letters("LAST_id", "last_id"));
  EXPECT_FALSE(equals_letters("last\x7fid", "last_id"));
  for (const char* other : {"", "cnam", "cnames", "dname", "cnam%", "cna\rme"}) {
    EXPECT_FALSE(equals_letters(other, "cname")) << other;
  }
}

TEST(LettersTest, NoOtherByteCountsAsALetter) {
  int equal = 0;
  for (int byte = 0; byte < 256; ++byte) {
    const char text = static_cast<char>(byte);
    if (equals_letters({&text, 1}, "m")) ++equal;
  }
  EXPECT_EQ(equal, 2);
}

}  // namespace
}  // namespace comet

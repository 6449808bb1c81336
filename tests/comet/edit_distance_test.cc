#include "comet/edit_distance.h"

#include <gtest/gtest.h>

namespace comet {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("auth", "auth"), 0u);
  EXPECT_EQ(edit_distance("", "auth"), 4u);
  EXPECT_EQ(edit_distance("auth", "auh"), 1u);
  EXPECT_EQ(edit_distance("auth", "autth"), 1u);
  EXPECT_EQ(edit_distance("auth", "aush"), 1u);
  EXPECT_EQ(edit_distance("auth", "ahut"), 2u);
  EXPECT_EQ(edit_distance("auth", "atuh"), 1u);
}

}  // namespace
}  // namespace comet

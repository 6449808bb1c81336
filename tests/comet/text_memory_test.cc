#include "comet/text_memory.h"

#include <gtest/gtest.h>

#include <string>

namespace comet {
namespace {

TEST(TextMemory, AShortTextStandsInItsObject) {
  EXPECT_EQ(memory_of(std::string(15, 'x')), 0u);
  EXPECT_GE(memory_of(std::string(16, 'x')), 17u);
}

TEST(TextMemory, WhatIsMadeEmptyKeepsSoMuchRoomAndNoMore) {
  std::string text(100, 'x');
  make_empty(text, 100);
  EXPECT_EQ(text, "");
  EXPECT_EQ(text.capacity(), 100u);
  text.assign(101, 'x');
  make_empty(text, 100);
  EXPECT_EQ(text, "");
  EXPECT_LT(text.capacity(), 16u);
}

}  // namespace
}  // namespace comet

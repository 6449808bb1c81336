#include "comet/close_reason.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include "comet/hub_message.h"

namespace comet {
namespace {

TEST(CloseReason, TheTableIsInTheOrderOfTheEnumeration) {
  for (std::size_t i = 0; i < kCloseReasons; ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kCloseReasonTable[i].reason), i);
  }
}

TEST(CloseReason, NamesAreDistinctAndFitForALabel) {
  std::set<std::string_view> names;
  for (const CloseReasonRow& row : kCloseReasonTable) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(std::ranges::all_of(row.name, [](char c) {
      return c == '_' || (c >= 'a' && c <= 'z');
    })) << row.name;
    EXPECT_TRUE(row.sentence.ends_with(".")) << row.sentence;
  }
}

TEST(CloseReason, EveryRefusalOfAHubHasOne) {
  EXPECT_EQ(reason_of(Outcome::kTooManyChannels), CloseReason::kTooManyChannels);
  EXPECT_EQ(reason_of(Outcome::kTooManySubscribers), CloseReason::kTooManySubscribers);
  EXPECT_EQ(reason_of(Outcome::kTokenError), CloseReason::kTokenError);
  EXPECT_EQ(reason_of(Outcome::kOverloaded), CloseReason::kOverloaded);
  EXPECT_EQ(reason_of(Outcome::kNumbersShort), CloseReason::kNumbersShort);
  EXPECT_EQ(reason_of(Outcome::kMemoryFull), CloseReason::kMemoryFull);
  EXPECT_EQ(reason_of(Outcome::kOk), std::nullopt);
}

TEST(CloseReason, CountsAddUpOverCores) {
  CloseCounts one;
  CloseCounts other;
  one.add(CloseReason::kIdle);
  other.add(CloseReason::kIdle);
  other.add(CloseReason::kLagging);
  one += other;
  EXPECT_EQ(one[CloseReason::kIdle], 2u);
  EXPECT_EQ(one[CloseReason::kLagging], 1u);
  EXPECT_EQ(one[CloseReason::kFinished], 0u);
}

}  // namespace
}  // namespace comet

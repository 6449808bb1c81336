#include "reactor/turn_statistics.h"

#include <gtest/gtest.h>

namespace reactor {
namespace {

TEST(TurnStatistics, ATurnIsLongFromTheBoundOn) {
  TurnStatistics turns;
  for (const std::uint64_t us : {9'999, 10'000, 10'001}) turns.record(us);
  EXPECT_EQ(turns.turn_us.count(), 3u);
  EXPECT_EQ(turns.turn_us.max(), 10'001u);
  EXPECT_EQ(turns.long_turns, 1u);
}

}  // namespace
}  // namespace reactor

// How long a restored channel lives.
#include "comet/channel_record.h"

#include <gtest/gtest.h>

namespace comet {
namespace {

constexpr std::uint64_t kTimeoutMs = 60'000;

ChannelRecord expiring_at(std::int64_t unix_ms) {
  ChannelRecord record;
  record.expires_unix_ms = unix_ms;
  return record;
}

TEST(LifeLeft, GoesOnByTheWallClock) {
  const ChannelRecord record = expiring_at(5000);
  EXPECT_EQ(life_left_ms(record, 1000, 1000, kTimeoutMs), 4000u);
  EXPECT_EQ(life_left_ms(record, 1000, 4999, kTimeoutMs), 1u);
  EXPECT_EQ(life_left_ms(record, 1000, 5000, kTimeoutMs), 0u);
  EXPECT_EQ(life_left_ms(record, 1000, 5001, kTimeoutMs), 0u);
}

TEST(LifeLeft, BeginsAnewForAChannelThatHadSubscribers) {
  ChannelRecord record = expiring_at(5000);
  record.had_subscribers = true;
  EXPECT_EQ(life_left_ms(record, 1000, 1'000'000, kTimeoutMs), kTimeoutMs);
}

TEST(LifeLeft, IsNotLongerWhereTheClockWasSetBack) {
  EXPECT_EQ(life_left_ms(expiring_at(5000), 4000, 0, kTimeoutMs), 1000u);
}

}  // namespace
}  // namespace comet

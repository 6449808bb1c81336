#include "reactor/clock.h"

#include <chrono>

#include <gtest/gtest.h>

namespace reactor {
namespace {

TEST(Clock, MonotonicTimeNeverGoesBack) {
  Now last = Now::read();
  for (int i = 0; i < 10'000; ++i) {
    const Now now = Now::read();
    ASSERT_GE(now.monotonic_us, last.monotonic_us);
    last = now;
  }
}

TEST(Clock, MonotonicTimeIsInMicroseconds) {
  using namespace std::chrono;
  const auto us = [] {
    return static_cast<std::uint64_t>(
        duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count());
  };
  const std::uint64_t before = us();
  const Now now = Now::read();
  EXPECT_GE(now.monotonic_us, before);
  EXPECT_LE(now.monotonic_us, us());
  EXPECT_EQ(now.monotonic_ms(), now.monotonic_us / 1000);
}

TEST(Clock, UnixTimeIsTheWallClocks) {
  using namespace std::chrono;
  const auto seconds_now = [] { return system_clock::to_time_t(system_clock::now()); };
  // The coarse clock lags behind by a tick of the kernel.
  const auto before = seconds_now() - 1;
  const Now now = Now::read();
  EXPECT_GE(now.unix_s, before);
  EXPECT_LE(now.unix_s, seconds_now());
}

}  // namespace
}  // namespace reactor

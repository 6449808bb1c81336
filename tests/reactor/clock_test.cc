#include "reactor/clock.h"

#include <chrono>

#include <gtest/gtest.h>

namespace reactor {
namespace {

TEST(Clock, MonotonicTimeNeverGoesBack) {
  Now last = Now::read();
  for (int i = 0; i < 10'000; ++i) {
    const Now now = Now::read();
    ASSERT_GE(now.monotonic_ms, last.monotonic_ms);
    last = now;
  }
}

TEST(Clock, MonotonicTimeIsInMilliseconds) {
  using namespace std::chrono;
  const auto ms = [] {
    return static_cast<std::uint64_t>(
        duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count());
  };
  const std::uint64_t before = ms();
  const Now now = Now::read();
  EXPECT_GE(now.monotonic_ms, before);
  EXPECT_LE(now.monotonic_ms, ms());
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

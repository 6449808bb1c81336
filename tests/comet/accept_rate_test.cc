#include "comet/accept_rate.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace comet {
namespace {

constexpr std::uint64_t kStart = 1'000'000'000;

// Takes what may be taken at that time.
std::size_t take_all(AcceptRate& rate, std::uint64_t now_us, std::uint32_t per_second) {
  std::size_t taken = 0;
  while (rate.next_us(now_us, per_second) <= now_us) {
    rate.took(now_us, per_second);
    ++taken;
  }
  return taken;
}

TEST(AcceptRate, WithoutALimitNothingWaits) {
  AcceptRate rate;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(rate.next_us(kStart, 0), kStart);
    rate.took(kStart, 0);
  }
}

TEST(AcceptRate, ABucketHoldsATenthOfASecondAndOneMore) {
  AcceptRate rate;
  EXPECT_EQ(take_all(rate, kStart, 1000), 101u);
  EXPECT_EQ(take_all(rate, kStart, 1000), 0u);
  EXPECT_EQ(take_all(rate, kStart + 3600 * 1'000'000ull, 1000), 101u) << "however long it rested";
}

TEST(AcceptRate, ThePaceHoldsForWhoComesBackWhenTold) {
  for (const std::uint32_t per_second : {1u, 2u, 10u, 11u, 100u, 1000u, 50'000u, 1'000'000u}) {
    AcceptRate rate;
    std::size_t taken = take_all(rate, kStart, per_second) - 1;
    const std::size_t burst = per_second / 10;
    EXPECT_EQ(taken, burst) << per_second;
    std::uint64_t now = kStart;
    std::size_t wakes = 0;
    while (true) {
      const std::uint64_t next = rate.next_us(now, per_second);
      ASSERT_GT(next, now);
      if (next > kStart + 10'000'000) break;
      now = next;
      taken += take_all(rate, now, per_second);
      ++wakes;
    }
    EXPECT_GE(taken + per_second / 100 + 1, 10 * per_second + burst) << per_second;
    EXPECT_LE(taken, 10 * per_second + burst + 1) << per_second;
    EXPECT_LE(wakes, 1000u) << "a hundred times a second at most";
  }
}

TEST(AcceptRate, ThreadsShareOneBucket) {
  AcceptRate rate;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) rate.took(kStart, 1000);
    });
  }
  for (std::thread& thread : threads) thread.join();
  // 4000 taken at 1000 a second: the next is due in four seconds, less what the bucket holds.
  EXPECT_EQ(rate.next_us(kStart, 1000), kStart + 3'900'000);
}

}  // namespace
}  // namespace comet

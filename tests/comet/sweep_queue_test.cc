#include "comet/sweep_queue.h"

#include <gtest/gtest.h>

namespace comet {
namespace {

constexpr Ref kA{1, 1};
constexpr Ref kB{2, 1};
constexpr Ref kC{3, 1};

TEST(SweepQueue, WhoDoesNotRestIsReadyInOrder) {
  SweepQueue queue;
  EXPECT_FALSE(queue.has_ready());
  EXPECT_EQ(queue.pop(), std::nullopt);
  queue.push(kA, 0, 100);
  queue.push(kB, 100, 100);
  EXPECT_TRUE(queue.has_ready());
  EXPECT_EQ(queue.next_us(), std::nullopt);
  EXPECT_EQ(queue.pop(), kA);
  queue.push(kA, 0, 100);
  EXPECT_EQ(queue.pop(), kB);
  EXPECT_EQ(queue.pop(), kA);
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_FALSE(queue.has_ready());
}

TEST(SweepQueue, WhoRestsIsReadyWhenItsTimeIsOver) {
  SweepQueue queue;
  queue.push(kA, 300, 100);
  queue.push(kB, 200, 100);
  queue.push(kC, 200, 100);
  EXPECT_FALSE(queue.has_ready());
  EXPECT_EQ(queue.next_us(), 200u);
  queue.wake(199);
  EXPECT_EQ(queue.pop(), std::nullopt);
  queue.wake(200);
  EXPECT_EQ(queue.pop(), kB);
  EXPECT_EQ(queue.pop(), kC);
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_EQ(queue.next_us(), 300u);
  queue.wake(1000);
  EXPECT_EQ(queue.pop(), kA);
  EXPECT_EQ(queue.next_us(), std::nullopt);
}

TEST(SweepQueue, TheRestedLineUpBehindTheReady) {
  SweepQueue queue;
  queue.push(kA, 200, 100);
  queue.push(kB, 0, 100);
  queue.wake(200);
  EXPECT_EQ(queue.pop(), kB);
  EXPECT_EQ(queue.pop(), kA);
}

TEST(SweepQueue, WhoIsToHurryRestsNoLonger) {
  SweepQueue queue;
  queue.push(kA, 200, 100);
  queue.push(kB, 300, 100);
  queue.push(kC, 0, 100);
  queue.hurry(kA);
  queue.hurry(kC);
  EXPECT_EQ(queue.pop(), kC);
  EXPECT_EQ(queue.pop(), kA);
  EXPECT_EQ(queue.pop(), std::nullopt);
  queue.wake(200);
  EXPECT_EQ(queue.next_us(), 300u);
  queue.wake(300);
  EXPECT_EQ(queue.pop(), kB);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(SweepQueue, OneThatNeverRunsEmptyDoesNotGrow) {
  SweepQueue queue;
  for (std::uint32_t i = 0; i < 100; ++i) queue.push({i, 1}, 0, 0);
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    EXPECT_EQ(queue.pop(), (Ref{i % 100, 1}));
    queue.push({i % 100, 1}, 0, 0);
    ASSERT_LE(queue.places(), 201u);
  }
}

}  // namespace
}  // namespace comet

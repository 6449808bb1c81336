#include "reactor/timer_wheel.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace reactor {
namespace {

struct Item {
  TimerLink link;
};
using Wheel = TimerWheel<Item, &Item::link>;

constexpr std::uint64_t kTick = Wheel::kTickMs;
constexpr std::uint64_t kHorizonTicks = 1024;

// Where ticks of 32 bits wrap: 8.7 years after boot.
constexpr std::uint64_t kWrapMs = (std::uint64_t{1} << 32) * kTick;

// The first tick's start at which a timer may fire.
std::uint64_t rounded_up(std::uint64_t ms) { return (ms + kTick - 1) / kTick * kTick; }

class TimerWheelTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  std::uint32_t add() { return slab_.emplace(); }

  std::vector<std::uint32_t> all_due(std::uint64_t now_ms) {
    std::vector<std::uint32_t> due;
    for (;;) {
      const std::uint32_t index = wheel_.pop_due(now_ms);
      if (index == kNoIndex) return due;
      EXPECT_FALSE(slab_[index].link.armed());
      due.push_back(index);
    }
  }

  const std::uint64_t start_ = GetParam();
  Slab<Item> slab_;
  Wheel wheel_{slab_, start_};
};

using Indices = std::vector<std::uint32_t>;

// At zero, off a tick's edge, and so that the ticks wrap in the middle of each test.
INSTANTIATE_TEST_SUITE_P(FromAnyTime, TimerWheelTest,
                         testing::Values(0, 1'234'567, 7 * kTick - 1, kWrapMs - 3 * kTick - 5,
                                         kWrapMs - 500 * kTick));

TEST_P(TimerWheelTest, ANewOneHasNothingDue) {
  EXPECT_EQ(wheel_.pop_due(start_), kNoIndex);
  EXPECT_EQ(wheel_.next_due_ms(start_), std::nullopt);
  EXPECT_EQ(wheel_.pop_due(start_ + 10'000'000), kNoIndex);
  EXPECT_EQ(wheel_.next_due_ms(start_ + 10'000'000), std::nullopt);
}

TEST_P(TimerWheelTest, FiresAtItsDeadlineRoundedUpToATickAndNotBefore) {
  std::uint64_t now = start_;
  for (const std::uint64_t after : {1u, 63u, 64u, 65u, 127u, 1000u, 10'000u, 65'000u}) {
    const std::uint32_t index = add();
    const std::uint64_t due = now + after;
    wheel_.arm(index, due);
    const std::uint64_t fires = rounded_up(due);
    for (; now < fires; now += std::min<std::uint64_t>(7, fires - now)) {
      ASSERT_EQ(all_due(now), Indices{}) << "armed for " << due << ", now " << now;
    }
    ASSERT_LT(fires, due + kTick);
    ASSERT_EQ(all_due(fires), Indices{index}) << "armed for " << due;
  }
}

TEST_P(TimerWheelTest, ADeadlineThatHasPassedFiresWithinATick) {
  const std::uint64_t now = start_ + 100 * kTick;
  EXPECT_EQ(all_due(now), Indices{});
  for (const std::uint64_t ago : {std::uint64_t{0}, std::uint64_t{1}, kTick, 99 * kTick}) {
    const std::uint32_t index = add();
    wheel_.arm(index, now - ago);
    EXPECT_EQ(all_due(now + kTick), Indices{index}) << ago;
  }
}

TEST_P(TimerWheelTest, ATimerFiresOnce) {
  const std::uint32_t index = add();
  wheel_.arm(index, start_ + 100);
  EXPECT_EQ(all_due(start_ + 1000), Indices{index});
  EXPECT_EQ(all_due(start_ + 1000), Indices{});
  EXPECT_EQ(all_due(start_ + 1'000'000), Indices{});
}

TEST_P(TimerWheelTest, ACancelledTimerNeverFires) {
  const std::uint32_t index = add();
  wheel_.arm(index, start_ + 100);
  EXPECT_TRUE(slab_[index].link.armed());
  wheel_.cancel(index);
  EXPECT_FALSE(slab_[index].link.armed());
  EXPECT_EQ(wheel_.next_due_ms(start_), std::nullopt);
  EXPECT_EQ(all_due(start_ + 1'000'000), Indices{});
}

TEST_P(TimerWheelTest, CancellingWhatIsNotArmedDoesNothing) {
  const std::uint32_t index = add();
  wheel_.cancel(index);
  wheel_.arm(index, start_ + 100);
  wheel_.cancel(index);
  wheel_.cancel(index);
  EXPECT_EQ(all_due(start_ + 1000), Indices{});
}

TEST_P(TimerWheelTest, CancelTakesTheFirstTheMiddleAndTheLastOfASlot) {
  for (std::size_t gone = 0; gone < 3; ++gone) {
    std::vector<std::uint32_t> indices;
    for (int i = 0; i < 3; ++i) {
      indices.push_back(add());
      wheel_.arm(indices.back(), start_ + 500);
    }
    wheel_.cancel(indices[gone]);
    indices.erase(indices.begin() + static_cast<std::ptrdiff_t>(gone));
    for (const std::uint32_t index : indices) EXPECT_TRUE(slab_[index].link.armed());
    std::vector<std::uint32_t> due = all_due(start_ + 1000);
    std::ranges::sort(due);
    EXPECT_EQ(due, indices);
  }
}

TEST_P(TimerWheelTest, ArmingAgainMovesTheTimer) {
  const std::uint32_t later = add();
  wheel_.arm(later, start_ + 100);
  wheel_.arm(later, start_ + 5000);
  EXPECT_EQ(all_due(start_ + 4999), Indices{});
  EXPECT_EQ(all_due(start_ + 5000 + kTick), Indices{later});

  const std::uint64_t now = start_ + 5000 + kTick;
  const std::uint32_t sooner = add();
  wheel_.arm(sooner, now + 100'000);
  wheel_.arm(sooner, now + 100);
  EXPECT_EQ(all_due(now + 100 + kTick), Indices{sooner});
  EXPECT_EQ(all_due(now + 200'000), Indices{});
}

TEST_P(TimerWheelTest, FiresBeyondTheHorizonNoEarlierThanDue) {
  for (const std::uint64_t ticks :
       {kHorizonTicks - 2, kHorizonTicks - 1, kHorizonTicks, kHorizonTicks + 1,
        2 * kHorizonTicks - 1, 2 * kHorizonTicks, 5 * kHorizonTicks + 17}) {
    Slab<Item> slab;
    Wheel wheel(slab, start_);
    const std::uint32_t index = slab.emplace();
    const std::uint64_t due = start_ + ticks * kTick;
    wheel.arm(index, due);
    for (std::uint64_t now = start_; now < rounded_up(due); now += kTick / 2) {
      ASSERT_EQ(wheel.pop_due(now), kNoIndex) << ticks;
      const auto next = wheel.next_due_ms(now);
      ASSERT_TRUE(next.has_value());
      ASSERT_LE(*next, rounded_up(due));
    }
    EXPECT_EQ(wheel.pop_due(rounded_up(due)), index) << ticks;
  }
}

TEST_P(TimerWheelTest, OneJumpPastSeveralHorizonsFiresAllAndOnlyWhatIsDue) {
  std::vector<std::uint32_t> indices;
  for (std::uint64_t i = 0; i < 200; ++i) {
    indices.push_back(add());
    wheel_.arm(indices.back(), start_ + 1 + i * 40 * kTick);
  }
  const std::uint64_t now = start_ + 120 * 40 * kTick;
  std::vector<std::uint32_t> due = all_due(now);
  std::ranges::sort(due);
  EXPECT_EQ(due, Indices(indices.begin(), indices.begin() + 120));
  due = all_due(now + 1'000'000);
  std::ranges::sort(due);
  EXPECT_EQ(due, Indices(indices.begin() + 120, indices.end()));
}

TEST_P(TimerWheelTest, ArmingWhileTheWheelLagsBehindIsNeitherEarlyNorLate) {
  // Nothing was popped for a long time: a core that slept with nothing armed.
  const std::uint64_t now = start_ + 3 * kHorizonTicks * kTick + 11;
  const std::uint32_t index = add();
  wheel_.arm(index, now + 1000);
  EXPECT_LE(wheel_.next_due_ms(now).value(), rounded_up(now + 1000));
  EXPECT_EQ(all_due(now), Indices{});
  EXPECT_EQ(all_due(now + 999), Indices{});
  EXPECT_EQ(all_due(rounded_up(now + 1000)), Indices{index});
}

TEST_P(TimerWheelTest, NextDueIsTheTickOfTheNearestTimer) {
  const std::uint32_t far = add();
  const std::uint32_t near = add();
  wheel_.arm(far, start_ + 50'000);
  EXPECT_EQ(wheel_.next_due_ms(start_), rounded_up(start_ + 50'000));
  wheel_.arm(near, start_ + 700);
  EXPECT_EQ(wheel_.next_due_ms(start_), rounded_up(start_ + 700));
  wheel_.cancel(near);
  EXPECT_EQ(wheel_.next_due_ms(start_), rounded_up(start_ + 50'000));
}

TEST_P(TimerWheelTest, NextDueIsNowWhenSomethingIsOverdue) {
  const std::uint32_t index = add();
  wheel_.arm(index, start_ + 100);
  const std::uint64_t now = start_ + 5000;
  EXPECT_LE(wheel_.next_due_ms(now).value(), now);
}

TEST_P(TimerWheelTest, SleepingUntilNextDueReachesEveryDeadlineInFewTurns) {
  const std::uint32_t index = add();
  const std::uint64_t due = start_ + 10 * kHorizonTicks * kTick;
  wheel_.arm(index, due);
  std::uint64_t now = start_;
  int turns = 0;
  while (wheel_.pop_due(now) == kNoIndex) {
    const auto next = wheel_.next_due_ms(now);
    ASSERT_TRUE(next.has_value());
    ASSERT_GT(*next, now) << "a turn would not have advanced";
    now = *next;
    ASSERT_LE(++turns, 12);
  }
  EXPECT_GE(now, due);
  EXPECT_LT(now, due + kTick);
}

TEST_P(TimerWheelTest, WhoeverFiresMayArmItselfAndOthersAndCancelOthers) {
  const std::uint32_t repeating = add();
  const std::uint32_t victim = add();
  const std::uint32_t friend_of_it = add();
  wheel_.arm(repeating, start_ + 100);
  wheel_.arm(victim, start_ + 2000);
  int fired = 0;
  std::uint64_t now = start_;
  for (; now < start_ + 3000; now += kTick) {
    for (;;) {
      const std::uint32_t index = wheel_.pop_due(now);
      if (index == kNoIndex) break;
      ASSERT_EQ(index, repeating);
      wheel_.arm(repeating, now + 100);
      if (++fired == 3) {
        wheel_.cancel(victim);
        wheel_.arm(friend_of_it, now + 10'000);
      }
    }
  }
  EXPECT_GE(fired, 15);
  wheel_.cancel(repeating);
  EXPECT_EQ(all_due(start_ + 20'000), Indices{friend_of_it});
}

TEST_P(TimerWheelTest, WhoeverFiresMayCancelAndEraseANeighbourOfItsSlot) {
  Indices indices;
  for (int i = 0; i < 10; ++i) {
    indices.push_back(add());
    wheel_.arm(indices.back(), start_ + 300);
  }
  std::set<std::uint32_t> left(indices.begin(), indices.end());
  int fired = 0;
  for (;;) {
    const std::uint32_t index = wheel_.pop_due(start_ + 1000);
    if (index == kNoIndex) break;
    ++fired;
    ASSERT_EQ(left.erase(index), 1u);
    slab_.erase(index);
    if (left.empty()) break;
    const std::uint32_t other = *left.begin();
    left.erase(left.begin());
    wheel_.cancel(other);
    slab_.erase(other);
  }
  EXPECT_EQ(fired, 5);
  EXPECT_EQ(wheel_.next_due_ms(start_ + 1000), std::nullopt);
}

TEST_P(TimerWheelTest, ArmingFarBehindTheClockWhileFiringIsNotForgotten) {
  // From a turn long after: a deadline that lies before where the wheel already stands.
  const std::uint32_t first = add();
  const std::uint32_t second = add();
  wheel_.arm(first, start_ + 5000);
  const std::uint64_t now = start_ + 10'000;
  ASSERT_EQ(wheel_.pop_due(now), first);
  wheel_.arm(second, start_ + 100);
  EXPECT_EQ(wheel_.pop_due(now), second);
}

// The model: deadlines in order. After each jump what fired must be exactly what was due.
TEST_P(TimerWheelTest, ManyRandomTimersAgreeWithAModel) {
  std::mt19937_64 random(static_cast<std::uint64_t>(4) + start_);
  std::multimap<std::uint64_t, std::uint32_t> model;  // fires at, index
  std::map<std::uint32_t, std::multimap<std::uint64_t, std::uint32_t>::iterator> by_index;
  const auto pick = [&random](std::uint64_t bound) { return random() % bound; };

  std::uint64_t now = start_;
  const auto arm = [&](std::uint32_t index) {
    // Mostly within the horizon, sometimes far beyond, sometimes already past.
    std::uint64_t due = now + pick(60'000);
    if (pick(10) == 0) due = now + pick(1'000'000);
    if (pick(20) == 0) due = now - std::min(now, pick(5'000));
    if (const auto old = by_index.find(index); old != by_index.end()) model.erase(old->second);
    by_index[index] = model.emplace(rounded_up(due), index);
    wheel_.arm(index, due);
  };
  const auto forget = [&](std::uint32_t index) {
    model.erase(by_index.at(index));
    by_index.erase(index);
  };

  std::vector<std::uint32_t> objects;
  for (int i = 0; i < 500; ++i) objects.push_back(add());
  std::size_t fired = 0;
  for (int step = 0; step < 4000; ++step) {
    const std::uint64_t jump_kind = pick(100);
    now += jump_kind < 60 ? pick(100) : jump_kind < 95 ? pick(3000) : pick(300'000);

    // next_due_ms() may be too early, never too late.
    if (!model.empty()) {
      const auto next = wheel_.next_due_ms(now);
      ASSERT_TRUE(next.has_value());
      ASSERT_LE(*next, std::max(now, model.begin()->first));
    } else {
      ASSERT_EQ(wheel_.next_due_ms(now), std::nullopt);
    }

    for (;;) {
      const std::uint32_t index = wheel_.pop_due(now);
      if (index == kNoIndex) break;
      const auto at = by_index.find(index);
      ASSERT_NE(at, by_index.end()) << "fired without being armed";
      ASSERT_LE(at->second->first, now) << "fired too early";
      forget(index);
      ++fired;
      // Some that fire arm again, some arm or cancel others.
      if (pick(4) == 0) arm(index);
      if (pick(4) == 0) arm(objects[pick(objects.size())]);
      if (pick(8) == 0) {
        const std::uint32_t other = objects[pick(objects.size())];
        wheel_.cancel(other);
        if (by_index.contains(other)) forget(other);
      }
    }
    // Only those that were armed for a past moment during this turn may still wait: the wheel may
    // take them in the tick that follows.
    for (const auto& [at, index] : model) {
      if (at + kTick > now) break;
      FAIL() << "index " << index << " was due at " << at << ", now " << now;
    }

    for (std::uint64_t i = pick(6); i > 0; --i) {
      const std::uint32_t index = objects[pick(objects.size())];
      if (pick(3) == 0) {
        wheel_.cancel(index);
        if (by_index.contains(index)) forget(index);
      } else {
        arm(index);
      }
      ASSERT_EQ(slab_[index].link.armed(), by_index.contains(index));
    }
  }
  EXPECT_GT(fired, 1000u);

  // Everything that is left fires in the end.
  while (wheel_.pop_due(now + 2'000'000) != kNoIndex) ++fired;
  EXPECT_EQ(wheel_.next_due_ms(now + 2'000'000), std::nullopt);
  for (const std::uint32_t index : objects) EXPECT_FALSE(slab_[index].link.armed());
}

}  // namespace
}  // namespace reactor

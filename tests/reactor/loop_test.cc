// A loop's turns: what ends a sleep, and what does not.
#include "reactor/loop.h"

#include <sys/eventfd.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/reactor/loop_script.h"
#include "tests/reactor/loopback.h"
#include "tests/support/eventually.h"

namespace reactor {
namespace {

using namespace testing_loopback;

TEST(Loop, AStopThatCameFirstIsHonoured) {
  Script script;
  Loop loop(script, {});
  loop.stop();
  loop.run();
  EXPECT_LE(script.turns, 1);
}

TEST(Loop, StopWithinATurnEndsAfterThatTurn) {
  Script script;
  Loop loop(script, {});
  script.on_end_turn = [&] {
    if (script.turns == 3) loop.stop();
    return true;
  };
  loop.run();
  EXPECT_EQ(script.turns, 3);
  EXPECT_EQ(script.calls.back(), "end");
}

TEST(Loop, StopFromAnotherThreadWakesASleeper) {
  Script script;
  Loop loop(script, {});
  std::promise<void> about_to_sleep;
  bool told = false;
  script.on_asked = [&] {
    if (!std::exchange(told, true)) about_to_sleep.set_value();
  };
  std::thread thread([&] { loop.run(); });
  about_to_sleep.get_future().wait();
  loop.stop();
  thread.join();
  SUCCEED();
}

TEST(Loop, StopAtAnyMomentIsNeverLost) {
  for (int round = 0; round < 300; ++round) {
    Script script;
    Loop loop(script, {});
    std::atomic<bool> running{false};
    script.on_end_turn = [&] {
      running.store(true);
      return false;
    };
    std::thread thread([&] { loop.run(); });
    // Half of the rounds race with the start, half with falling asleep.
    if (round % 2 == 0) {
      EXPECT_TRUE(support::eventually([&] { return running.load(); }));
    }
    for (int spin = 0; spin < round * 10; ++spin) {
      std::atomic_signal_fence(std::memory_order_seq_cst);  // not optimised away
    }
    loop.stop();
    thread.join();
  }
}

TEST(Loop, TheFirstTurnDoesNotSleepAndReadsTheClock) {
  Script script;
  Loop loop(script, {});
  const Now before = Now::read();
  script.on_end_turn = [&] {
    EXPECT_GE(script.turn_now.monotonic_us, before.monotonic_us);
    EXPECT_LE(script.turn_now.monotonic_us, Now::read().monotonic_us);
    loop.stop();
    return false;
  };
  loop.run();
  EXPECT_EQ(script.calls, (std::vector<std::string>{"begin", "end"}));
}

TEST(Loop, MoreToDoMeansAnotherTurnWithoutSleeping) {
  Script script;
  Loop loop(script, {});
  int asked = 0;
  script.on_asked = [&] { ++asked; };
  script.on_end_turn = [&] {
    if (script.turns == 1000) loop.stop();
    return true;
  };
  loop.run();
  EXPECT_EQ(script.turns, 1000);
  EXPECT_EQ(asked, 0);
}

TEST(Loop, WhatHappensToAConnectionIsToldUnderItsToken) {
  Script script;
  Loop loop(script, {});
  const Pair pair = connected_pair();
  constexpr Token kToken{42, 9};
  ASSERT_TRUE(loop.poller().watch_edges(pair.server, kToken));
  ASSERT_EQ(send(pair.client.get(), "x").bytes, 1u);
  script.on_happened = [&](const Event& event) {
    if (event.readable) loop.stop();
  };
  loop.run();
  ASSERT_FALSE(script.events.empty());
  for (const Event& event : script.events) EXPECT_EQ(event.token, kToken);
  EXPECT_TRUE(script.events.back().writable);
  EXPECT_FALSE(script.events.back().peer_closed);
}

TEST(Loop, ATurnBeginsThenHandlesEventsThenEnds) {
  Script script;
  Loop loop(script, {});
  const Pair pair = connected_pair();
  ASSERT_TRUE(loop.poller().watch_edges(pair.server, {1, 1}));
  script.on_happened = [&](const Event&) { loop.stop(); };
  loop.run();
  ASSERT_GE(script.calls.size(), 3u);
  const std::vector<std::string> last(script.calls.end() - 3, script.calls.end());
  EXPECT_EQ(last, (std::vector<std::string>{"begin", "happened", "end"}));
}

TEST(Loop, ADeadlineEndsTheSleepAndNotBefore) {
  Script script;
  Loop loop(script, {});
  const std::uint64_t deadline = Now::read().monotonic_us + 30'000;
  script.deadline_us = deadline;
  std::vector<std::uint64_t> turns_at;
  script.on_end_turn = [&] {
    turns_at.push_back(script.turn_now.monotonic_us);
    if (script.turn_now.monotonic_us >= deadline) loop.stop();
    return false;
  };
  loop.run();
  EXPECT_GE(turns_at.back(), deadline);
  // One turn at the start, one after the sleep; the kernel may end a sleep early by a rounding.
  EXPECT_LE(turns_at.size(), 3u);
}

TEST(Loop, ADeadlineThatHasPassedDoesNotSleep) {
  Script script;
  Loop loop(script, {});
  script.deadline_us = Now::read().monotonic_us - 5;
  script.on_end_turn = [&] {
    if (script.turns == 10) loop.stop();
    return false;
  };
  loop.run();
  EXPECT_EQ(script.turns, 10);
}

TEST(Loop, ADeadlineFarAwayIsNotMistakenForNow) {
  for (const std::uint64_t away : {std::uint64_t{1} << 31, std::uint64_t{1} << 32,
                                   std::uint64_t{1} << 40, std::uint64_t{1} << 62}) {
    Script script;
    Loop loop(script, {});
    script.deadline_us = Now::read().monotonic_us + away;
    std::promise<void> about_to_sleep;
    int asked = 0;
    script.on_asked = [&] {
      if (++asked == 1) about_to_sleep.set_value();
    };
    std::thread thread([&] { loop.run(); });
    about_to_sleep.get_future().wait();
    loop.stop();
    thread.join();
    EXPECT_LE(script.turns, 2) << away;
  }
}

TEST(Loop, MailThatCameWhileFallingAsleepIsReadAtOnce) {
  Script script;
  Loop loop(script, {});
  bool mail = true;
  script.on_has_mail = [&] { return std::exchange(mail, false); };
  script.on_end_turn = [&] {
    if (script.turns == 2) loop.stop();
    return false;
  };
  loop.run();
  EXPECT_EQ(script.turns, 2);
}

TEST(Loop, MailFromAnotherThreadWakesASleeper) {
  constexpr int kLetters = 2000;
  Script script;
  Loop loop(script, {});
  std::atomic<int> posted{0};
  std::atomic<int> read{0};
  script.on_has_mail = [&] { return posted.load() > read.load(); };
  script.on_end_turn = [&] {
    read.store(posted.load());
    if (read.load() == kLetters) loop.stop();
    return false;
  };
  std::thread sender([&] {
    for (int i = 1; i <= kLetters; ++i) {
      posted.store(i);
      loop.waker().wake();
      // The next only when this one was read: a lost wake-up would stand still here.
      if (!support::eventually([&] { return read.load() >= i; })) return loop.stop();
    }
  });
  loop.run();
  sender.join();
  EXPECT_EQ(read.load(), kLetters);
}

TEST(Loop, AWakeUpIsDrainedAndDoesNotSpin) {
  Script script;
  Loop loop(script, {});
  std::atomic<int> asked{0};
  script.on_asked = [&] { asked.fetch_add(1); };
  std::thread thread([&] { loop.run(); });
  EXPECT_TRUE(support::eventually([&] { return asked.load() >= 1; }));
  loop.waker().signal();
  EXPECT_TRUE(support::eventually([&] { return asked.load() >= 2; }));
  loop.stop();
  thread.join();
  // The start, the wake-up, the stop: not a turn more.
  EXPECT_LE(script.turns, 3);
}

TEST(Loop, WhenTimeIsUpAllThatCameBeforeTheDeadlineWasReported) {
  Script script;
  Loop loop(script, {});
  script.deadline_us = Now::read_monotonic_us() + 2000;
  script.on_end_turn = [&] {
    if (script.turn_now.monotonic_us >= *script.deadline_us) loop.stop();
    return false;
  };
  loop.run();
  EXPECT_EQ(script.heard_until_us, *script.deadline_us);
}

// Between the kernel's list of events and the clock, others may have had the CPU for seconds.
TEST(Loop, WithAnEventOnlyWhatCameBeforeTheKernelWasAskedIsSureToBeReported) {
  Script script;
  Loop loop(script, {});
  const Pair pair = connected_pair();
  ASSERT_TRUE(loop.poller().watch_edges(pair.server, Token{1, 1}));
  script.deadline_us = Now::read_monotonic_us() + std::uint64_t{kPatienceMs} * 1000;
  script.on_end_turn = [&] {
    if (script.turns == 1) {
      send(pair.client.get(), "a");
    } else {
      EXPECT_TRUE(script.events.back().readable);
      EXPECT_EQ(script.heard_until_us, script.ended_us) << "the end of the turn before";
      loop.stop();
    }
    return false;
  };
  loop.run();
  EXPECT_EQ(script.turns, 2);
}

// More may be ready than the kernel tells of at once.
TEST(Loop, AfterAFullListOfEventsNothingNewIsSureToBeReported) {
  Script script;
  Loop loop(script, {});
  std::vector<Fd> ready;
  for (std::uint32_t i = 0; i < Poller::kEventsMax + 10; ++i) {
    ready.emplace_back(::eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC));
    ASSERT_TRUE(loop.poller().watch_edges(ready.back(), Token{i, 1}));
  }
  script.on_end_turn = [&] {
    if (script.turns == 1) {
      EXPECT_EQ(script.events.size(), static_cast<std::size_t>(Poller::kEventsMax));
      EXPECT_LT(script.heard_until_us, script.turn_now.monotonic_us - 1'000'000);
      return true;
    }
    EXPECT_EQ(script.events.size(), ready.size());
    EXPECT_EQ(script.heard_until_us, script.ended_us);
    loop.stop();
    return false;
  };
  loop.run();
  EXPECT_EQ(script.turns, 2);
}

}  // namespace
}  // namespace reactor

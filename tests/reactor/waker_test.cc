#include "reactor/waker.h"

#include <atomic>
#include <cstdint>
#include <thread>

#include <gtest/gtest.h>

#include "reactor/poller.h"
#include "reactor/spsc_queue.h"

namespace reactor {
namespace {

constexpr Token kToken{7, 0};
constexpr int kPatienceUs = 20'000'000;

class WakerTest : public testing::Test {
 protected:
  WakerTest() { poller_.watch_level(waker_.fd(), kToken); }

  // Is the eventfd set? Never waits.
  bool signalled() { return !poller_.wait(0).empty(); }

  Waker waker_;
  Poller poller_;
};

TEST_F(WakerTest, ANewOneIsAwakeAndQuiet) {
  EXPECT_FALSE(signalled());
  waker_.wake();
  EXPECT_FALSE(signalled());
}

TEST_F(WakerTest, ASleeperIsWoken) {
  waker_.fall_asleep();
  EXPECT_FALSE(signalled());
  waker_.wake();
  const auto events = poller_.wait(kPatienceUs);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].token, kToken);
  EXPECT_TRUE(events[0].readable);
}

TEST_F(WakerTest, DrainMakesItQuietAgain) {
  waker_.fall_asleep();
  waker_.wake();
  waker_.wake_up();
  ASSERT_TRUE(signalled());
  ASSERT_TRUE(signalled());  // level-triggered until drained
  waker_.drain();
  EXPECT_FALSE(signalled());
}

TEST_F(WakerTest, DrainingWhatIsQuietDoesNotBlock) {
  waker_.drain();
  EXPECT_FALSE(signalled());
}

TEST_F(WakerTest, OnlyTheFirstOfManySendersSignals) {
  waker_.fall_asleep();
  waker_.wake();
  waker_.drain();
  waker_.wake();
  waker_.wake();
  EXPECT_FALSE(signalled());
}

TEST_F(WakerTest, WhoWokeUpByItselfIsNotSignalled) {
  waker_.fall_asleep();
  waker_.wake_up();
  waker_.wake();
  EXPECT_FALSE(signalled());
}

TEST_F(WakerTest, SignalWakesWhateverTheFlagSays) {
  waker_.signal();
  EXPECT_TRUE(signalled());
  waker_.drain();
  waker_.fall_asleep();
  waker_.signal();
  EXPECT_TRUE(signalled());
}

TEST_F(WakerTest, ManySignalsAreDrainedAtOnce) {
  for (int i = 0; i < 100; ++i) waker_.signal();
  waker_.drain();
  EXPECT_FALSE(signalled());
}

// The receiver's half of the protocol of the header: announce, look again, block.
struct Sleeper {
  SpscQueue<std::uint32_t> queue{8};
  Waker waker;
  Poller poller;

  Sleeper() { poller.watch_level(waker.fd(), kToken); }

  // The next number, or nothing when a wake-up was lost.
  bool receive(std::uint32_t& number) {
    for (;;) {
      if (const std::uint32_t* front = queue.front()) {
        number = *front;
        queue.pop();
        return true;
      }
      waker.fall_asleep();
      const bool mail = queue.front() != nullptr;
      const auto events = poller.wait(mail ? 0 : kPatienceUs);
      waker.wake_up();
      if (!events.empty()) waker.drain();
      if (!mail && events.empty()) return false;
    }
  }
  void send(std::uint32_t number) {
    while (!queue.push(std::uint32_t{number})) std::this_thread::yield();
    waker.wake();
  }
};

TEST(WakerStress, NoWakeUpIsLostBetweenTwoThreadsThatAnswerEachOther) {
  // Each number is sent when the other side is just about to sleep.
  constexpr std::uint32_t kRounds = 50'000;
  Sleeper here;
  Sleeper there;
  std::thread thread([&] {
    for (std::uint32_t i = 0; i < kRounds; ++i) {
      std::uint32_t number = 0;
      if (!there.receive(number)) break;
      here.send(number + 1);
    }
  });
  std::uint32_t round = 0;
  for (; round < kRounds; ++round) {
    there.send(round);
    std::uint32_t number = 0;
    if (!here.receive(number) || number != round + 1) break;
  }
  EXPECT_EQ(round, kRounds);
  thread.join();
}

TEST(WakerStress, NoWakeUpIsLostUnderAStreamOfLetters) {
  constexpr std::uint32_t kLetters = 200'000;
  Sleeper sleeper;
  std::thread sender([&] {
    for (std::uint32_t i = 0; i < kLetters; ++i) {
      sleeper.send(i);
      // Gaps of varying length let the receiver reach each step of falling asleep.
      for (std::uint32_t spin = 0; spin < i % 97; ++spin) {
        std::atomic_signal_fence(std::memory_order_seq_cst);  // not optimised away
      }
    }
  });
  std::uint32_t received = 0;
  std::uint32_t number = 0;
  while (received < kLetters && sleeper.receive(number) && number == received) ++received;
  EXPECT_EQ(received, kLetters);
  if (received < kLetters) {
    // Let the sender finish: its queue is bounded.
    while (number + 1 < kLetters) {
      if (const std::uint32_t* front = sleeper.queue.front()) {
        number = *front;
        sleeper.queue.pop();
      }
    }
  }
  sender.join();
}

}  // namespace
}  // namespace reactor

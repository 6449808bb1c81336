// A core's part in saving: slices, a full queue, numbers that run short.
#include "comet/state_reporter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/hub_world.h"

namespace comet {
namespace {

using Verb = Command::Verb;

class StateReporterTest : public testing::Test {
 protected:
  StateReporterTest() { exchange_.writer = &writer_; }

  void turn() {
    now_.monotonic_us += 10;
    reporter_.begin_turn(now_);
  }
  // Channels with as many messages as the buffer holds.
  void fill(int channels) {
    for (int i = 0; i < channels; ++i) {
      for (int messages = 0; messages < 10; ++messages) {
        world_.ask(Verb::kPublish, "c" + std::to_string(i), "x");
      }
    }
  }
  reactor::SpscQueue<StateSlice>& slices() { return exchange_.from_cores[0]->slices; }
  // Takes what has come.
  void receive() {
    while (StateSlice* slice = slices().front()) {
      EXPECT_FALSE(last_) << "nothing follows the last one";
      received_ += slice->channels.size();
      last_ = slice->last;
      slices().pop();
    }
  }

  support::HubWorld world_{support::hub_settings()};
  reactor::Waker writer_;
  StateExchange exchange_{1};
  StateReporter reporter_{world_.hub().home(), exchange_, 0};
  reactor::Now now_{1'000'000'000, 784'111'777};
  std::size_t received_ = 0;
  bool last_ = false;
};

TEST_F(StateReporterTest, WithoutAnOrderThereIsNothingToDo) {
  fill(3);
  EXPECT_FALSE(reporter_.has_work());
  turn();
  EXPECT_EQ(slices().front(), nullptr);
  EXPECT_EQ(reporter_.next_deadline_us(), std::nullopt);
}

TEST_F(StateReporterTest, AnOrderTakesATurnForEachSlice) {
  fill(500);  // 5500 looks, 2048 in a slice
  exchange_.snapshot.store(1);
  int turns = 0;
  for (; reporter_.has_work(); ++turns) turn();
  EXPECT_EQ(turns, 3);
  receive();
  EXPECT_EQ(received_, 500u);
  EXPECT_TRUE(last_);
}

TEST_F(StateReporterTest, ACoreWithoutChannelsSaysSo) {
  exchange_.snapshot.store(1);
  turn();
  EXPECT_FALSE(reporter_.has_work());
  receive();
  EXPECT_EQ(received_, 0u);
  EXPECT_TRUE(last_);
}

TEST_F(StateReporterTest, AFullQueueIsTriedAgainInAMillisecondAndNothingIsLost) {
  fill(1000);  // six slices, and room for four
  exchange_.snapshot.store(1);
  for (int turns = 0; turns < 5; ++turns) turn();
  EXPECT_FALSE(reporter_.has_work()) << "the loop may sleep";
  EXPECT_EQ(reporter_.next_deadline_us(), now_.monotonic_us + 1000);
  while (!last_) {
    receive();
    turn();
    receive();
  }
  EXPECT_EQ(received_, 1000u);
  EXPECT_EQ(reporter_.next_deadline_us(), std::nullopt);
}

TEST_F(StateReporterTest, EachOrderIsCarriedOut) {
  fill(3);
  for (std::uint64_t snapshot = 1; snapshot <= 3; ++snapshot) {
    exchange_.snapshot.store(snapshot);
    last_ = false;
    turn();
    receive();
    EXPECT_TRUE(last_);
  }
  EXPECT_EQ(received_, 9u);
}

TEST_F(StateReporterTest, NumbersThatRunShortAreReportedBeforeTheCoreSleeps) {
  exchange_.ceiling.store(5);
  exchange_.watch_from.store(3);
  turn();
  for (const std::uint64_t greatest : {0u, 0u, 3u, 4u}) {
    world_.ask(Verb::kPublish, "a", "x");
    EXPECT_EQ(reporter_.has_work(), greatest > 0);
    turn();
    EXPECT_FALSE(reporter_.has_work());
    EXPECT_EQ(exchange_.from_cores[0]->greatest_number.load(), greatest);
  }
  EXPECT_EQ(world_.ask(Verb::kPublish, "a", "x").outcome, Outcome::kNumbersShort);
  exchange_.ceiling.store(9);
  exchange_.watch_from.store(7);
  turn();
  EXPECT_EQ(world_.ask(Verb::kPublish, "a", "x").seq, 5u);
}

}  // namespace
}  // namespace comet

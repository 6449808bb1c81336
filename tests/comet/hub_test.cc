// One hub over a wire in memory: what each kind of subscriber gets, and when.
#include "comet/hub.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/hub_test.h"

namespace comet {
namespace {

using support::data;
using support::Events;
using support::HubTest;
using support::kEverything;
using support::next_seq;

// --- Starting ---------------------------------------------------------------------------------

TEST_F(HubTest, WithoutASeqTheNextNumberComesAtOnceAndThenWhatIsNew) {
  publish(1, 2);
  const auto a = world().subscribe("a");
  EXPECT_EQ(events(a), (Events{next_seq(3)}));
  publish(3, 3);
  EXPECT_EQ(events(a).size(), 1u) << "messages leave at the end of the turn";
  world().end_turn();
  EXPECT_EQ(events(a), (Events{next_seq(3), data(3, "3")}));
}

TEST_F(HubTest, WithASeqEverythingBufferedFromItOnComes) {
  publish(1, 3);
  EXPECT_EQ(events(world().subscribe("a", Transport::kStream, 2)),
            (Events{data(2, "2"), data(3, "3")}));
}

TEST_F(HubTest, ASeqOlderThanTheBufferGetsTheOldest) {
  publish(1, 12);  // ten are kept
  const Events got = events(world().subscribe("a", Transport::kStream, 1));
  ASSERT_EQ(got.size(), 10u);
  EXPECT_EQ(got.front(), data(3, "3"));
  EXPECT_EQ(got.back(), data(12, "12"));
}

TEST_F(HubTest, ASeqThatIsTheNextNumberWaits) {
  publish(1, 2);
  const auto a = world().subscribe("a", Transport::kStream, 3);
  EXPECT_EQ(events(a), Events{});
  EXPECT_NE(stream(a).head, "") << "the head leaves at once";
  const auto p = world().subscribe("a", Transport::kPoll, 3);
  EXPECT_EQ(session(p).received, "");
}

TEST_F(HubTest, ASeqBeyondTheNextNumberIsSetRight) {
  publish(1, 2);
  EXPECT_EQ(events(world().subscribe("a", Transport::kStream, 4)), (Events{next_seq(3)}));
  const auto p = world().subscribe("a", Transport::kPoll, 99);
  EXPECT_EQ(poll(p).events, (Events{next_seq(3)}));
  EXPECT_EQ(session(p).ended, Ending::kComplete);
}

// --- Sweeps -----------------------------------------------------------------------------------

TEST_F(HubTest, SeveralMessagesLeaveInOneSendAChunkEach) {
  const auto a = world().subscribe("a", Transport::kStream, 1);
  session(a).sends.clear();
  publish(1, 3);
  world().end_turn();
  EXPECT_EQ(events(a), (Events{data(1, "1"), data(2, "2"), data(3, "3")}));
  EXPECT_EQ(session(a).sends.size(), 1u);
}

TEST_F(HubTest, ABroadcastTakesANumberAndTellsTheNext) {
  const auto a = world().subscribe("a", Transport::kStream, 1);
  world().broadcast("hi");
  publish(2, 2);
  world().end_turn();
  EXPECT_EQ(events(a), (Events{{"broadcast", "a", 1, "hi"}, next_seq(2), data(2, "2")}));
  const auto p = world().subscribe("a", Transport::kPoll, 1);
  EXPECT_EQ(poll(p).events, events(a));
  EXPECT_TRUE(poll(p).array);
}

TEST_F(HubTest, ASweepOfManyIsCutIntoSlices) {
  std::vector<std::uint32_t> all;
  for (int i = 0; i < 1200; ++i) all.push_back(world().subscribe("a", Transport::kStream, 1));
  publish(1, 1);
  int turns = 1;
  while (world().end_turn()) {
    ++turns;
    world().validate();
    if (turns == 2) publish(2, 2);  // in the middle of a pass
    if (turns == 2) world().leave(all[0]);
  }
  EXPECT_GT(turns, 2);
  for (const auto a : all) {
    const Events got = events(a);
    ASSERT_EQ(got, (a == all[0] ? Events{data(1, "1")} : Events{data(1, "1"), data(2, "2")}));
  }
}

TEST_F(HubTest, SeatsStayTrueWhenSubscribersLeaveWhereAPassStopped) {
  // A turn serves 512; then the only one who was not served leaves, and one who was.
  for (const std::uint32_t size : {512u, 513u, 514u}) {
    const std::string name = std::to_string(size);
    std::vector<std::uint32_t> all;
    for (std::uint32_t i = 0; i < size; ++i) {
      all.push_back(world().subscribe(name, Transport::kStream, 1));
    }
    world().publish(name, "x");
    world().end_turn();
    world().leave(all.back());
    world().validate();
    world().leave(all.front());
    world().validate();
    while (world().end_turn()) world().validate();
    world().publish(name, "y");
    while (world().end_turn()) world().validate();
    for (std::size_t i = 1; i + 1 < all.size(); ++i) ASSERT_EQ(events(all[i]).size(), 2u);
  }
}

TEST_F(HubTest, MessagesBeyondARunsSizeStillArriveInOrder) {
  const auto a = world().subscribe("a", Transport::kStream, 1);
  const std::string large(200 * 1024, 'x');
  for (int i = 0; i < 4; ++i) world().publish("a", large);
  world().end_turn();
  const Events got = events(a);
  ASSERT_EQ(got.size(), 4u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(got[static_cast<std::size_t>(i)], data(i + 1, large));
}

TEST_F(HubTest, ABlockedSubscriberGoesOnAtTheExactByte) {
  // The whole expected response, from one whose socket never fills.
  const auto reference = world().subscribe("a", Transport::kStream, 1);
  std::vector<std::uint32_t> slow;
  const std::size_t head = session(reference).received.size();
  for (std::size_t room = 0; room < 120; ++room) {
    slow.push_back(world().subscribe("a", Transport::kStream, 1, 0, head + room));
  }
  publish(1, 2);
  world().broadcast("b");
  world().end_turn();
  world().validate();
  publish(4, 5);
  world().end_turn();
  world().validate();
  const std::string& expected = session(reference).received;
  for (std::size_t i = 0; i < slow.size(); ++i) {
    ASSERT_EQ(session(slow[i]).received, expected.substr(0, head + i));
    while (session(slow[i]).received.size() < expected.size()) {
      world().grant(slow[i], 1 + i % 37);
      ASSERT_TRUE(expected.starts_with(session(slow[i]).received));
    }
  }
  EXPECT_EQ(world().hub().closes()[CloseReason::kLagging], 0u);
}

TEST_F(HubTest, AHeadThatDoesNotFitIsKept) {
  publish(1, 3);
  const auto a = world().subscribe("a", Transport::kStream, 1, 0, 10);
  publish(4, 4);
  world().end_turn();
  EXPECT_EQ(session(a).received.size(), 10u);
  world().grant(a, kEverything);
  EXPECT_EQ(events(a), (Events{data(1, "1"), data(2, "2"), data(3, "3"), data(4, "4")}));
}

TEST_F(HubTest, OnlyWhoIsLappedIsClosed) {
  const auto slow = world().subscribe("a", Transport::kStream, 1);
  const auto fast = world().subscribe("a", Transport::kStream, 1);
  session(slow).room = 20;
  for (int i = 1; i <= 64; ++i) {
    publish(i, i);
    world().end_turn();
  }
  EXPECT_FALSE(session(slow).ended) << "64 messages are kept for it";
  publish(65, 65);
  world().end_turn();
  EXPECT_EQ(session(slow).ended, Ending::kBroken);
  EXPECT_EQ(world().hub().closes()[CloseReason::kLagging], 1u);
  EXPECT_EQ(world().hub().closes()[CloseReason::kLagging], 1u);
  EXPECT_EQ(events(fast).size(), 65u);
  EXPECT_EQ(world().hub().subscribers(), 1u);
}

TEST_F(HubTest, ABurstLongerThanTheWindowClosesNobodyWhoReads) {
  const auto a = world().subscribe("a", Transport::kStream, 1);
  const int more = static_cast<int>(world().settings().backlog_messages_max) + 1;
  publish(1, more);  // within one turn
  world().end_turn();
  publish(more + 1, 2 * more);
  world().end_turn();
  EXPECT_EQ(events(a).size(), 2u * static_cast<unsigned>(more));
}

TEST_F(HubTest, ADeadPeerIsFoundBySending) {
  const auto dead = world().subscribe("a", Transport::kStream, 1);
  const auto alive = world().subscribe("a", Transport::kStream, 1);
  session(dead).gone = true;
  publish(1, 1);
  world().end_turn();
  EXPECT_EQ(session(dead).ended, Ending::kBroken);
  EXPECT_EQ(events(alive), (Events{data(1, "1")}));
}

// --- Polls ------------------------------------------------------------------------------------

TEST_F(HubTest, ALivePollIsAnsweredByTheBareObject) {
  const auto p = world().subscribe("a", Transport::kPoll, 1);
  publish(1, 1);
  world().end_turn();
  EXPECT_EQ(poll(p).events, (Events{data(1, "1")}));
  EXPECT_FALSE(poll(p).array);
  EXPECT_EQ(session(p).ended, Ending::kComplete);
  EXPECT_EQ(world().hub().subscribers(), 0u);
}

TEST_F(HubTest, AWaitingPollIsAnsweredByAnArrayEvenOfOne) {
  publish(1, 1);
  const auto p = world().subscribe("a", Transport::kPoll, 1);
  EXPECT_EQ(poll(p).events, (Events{data(1, "1")}));
  EXPECT_TRUE(poll(p).array);
}

TEST_F(HubTest, ALiveBroadcastOnAPollIsAnArrayWithTheNextNumber) {
  const auto p = world().subscribe("a", Transport::kPoll, 1);
  world().broadcast("hi");
  world().end_turn();
  EXPECT_EQ(poll(p).events, (Events{{"broadcast", "a", 1, "hi"}, next_seq(2)}));
  EXPECT_TRUE(poll(p).array);
}

TEST_F(HubTest, APollersConnectionCarriesOneRequestAfterTheOther) {
  const auto p = world().subscribe("a", Transport::kPoll, 1);
  for (int i = 1; i <= 20; ++i) {
    publish(i, i);
    if (i % 2 == 0) world().end_turn();
    if (i % 2 != 0) continue;
    EXPECT_EQ(poll(p).events,
              (Events{data(i - 1, std::to_string(i - 1)), data(i, std::to_string(i))}));
    world().subscribe_again(p, world().request("a", Transport::kPoll, i + 1));
    world().validate();
  }
}

}  // namespace
}  // namespace comet

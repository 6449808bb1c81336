// One hub over a wire in memory: what each kind of subscriber gets, and when.
#include "comet/hub.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/hub_world.h"
#include "tests/support/transcript.h"

namespace comet {
namespace {

using support::Event;
using support::HubWorld;
using support::kEverything;
using support::Transcript;
using Verb = Command::Verb;

constexpr Framing kStream{Transport::kStream, true};

Event data(std::int64_t seq, std::string content) { return {"data", "a", seq, std::move(content)}; }
Event next_seq(std::int64_t seq) { return {"next_seq", "a", seq, ""}; }
Event noop(std::int64_t seq) { return {"noop", "a", seq, ""}; }
Event close(std::int64_t seq) { return {"close", "a", seq, ""}; }
using Events = std::vector<Event>;

class HubTest : public testing::Test {
 protected:
  HubTest() { use(support::hub_settings()); }
  ~HubTest() override { world().validate(); }

  Transcript stream(std::uint32_t session) {
    const Transcript transcript = support::read_endless(world().session(session).received, kStream);
    EXPECT_EQ(transcript.error, "");
    return transcript;
  }
  Events events(std::uint32_t session) { return stream(session).events; }
  Transcript poll(std::uint32_t session) {
    const Transcript transcript = support::read_poll(world().session(session).received);
    EXPECT_EQ(transcript.error, "");
    return transcript;
  }
  void publish(int from, int to) {
    for (int i = from; i <= to; ++i) world().publish("a", std::to_string(i));
  }
  support::MemorySession& session(std::uint32_t index) { return world().session(index); }
  // Starts anew with other settings.
  void use(const HubSettings& settings) { owned_ = std::make_unique<HubWorld>(settings); }
  HubWorld& world() { return *owned_; }

 private:
  std::unique_ptr<HubWorld> owned_;
};

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
  publish(1, 500);  // within one turn
  world().end_turn();
  EXPECT_EQ(events(a).size(), 500u);
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

// --- Heartbeats -------------------------------------------------------------------------------

TEST_F(HubTest, HeartbeatsCountFromTheRequestsNumber) {
  SubscribeRequest request = world().request("a", Transport::kStream, 1);
  request.noop = 5;
  const auto a = world().subscribe(std::move(request));
  world().advance_ms(29'999);
  world().end_turn();
  EXPECT_EQ(events(a), Events{});
  world().advance_ms(1000);
  world().end_turn();
  EXPECT_EQ(events(a), (Events{noop(5)}));
  world().advance_ms(31'000);
  world().end_turn();
  EXPECT_EQ(events(a), (Events{noop(5), noop(6)}));
}

TEST_F(HubTest, ADeliveryPostponesTheHeartbeat) {
  const auto a = world().subscribe("a", Transport::kStream, 1);
  world().advance_ms(20'000);
  publish(1, 1);
  world().end_turn();
  world().advance_ms(29'000);
  world().end_turn();
  EXPECT_EQ(events(a), (Events{data(1, "1")}));
  world().advance_ms(2000);
  world().end_turn();
  EXPECT_EQ(events(a), (Events{data(1, "1"), noop(0)}));
}

TEST_F(HubTest, AHeartbeatEndsAPoll) {
  const auto p = world().subscribe("a", Transport::kPoll, 1);
  world().advance_ms(31'000);
  world().end_turn();
  EXPECT_EQ(poll(p).events, (Events{noop(0)}));
  EXPECT_FALSE(poll(p).array);
  EXPECT_EQ(session(p).ended, Ending::kComplete);
}

TEST_F(HubTest, AHeartbeatThatIsBegunIsFinished) {
  const auto a = world().subscribe("a", Transport::kStream, 1);
  session(a).room = 7;
  world().advance_ms(31'000);
  world().end_turn();
  publish(1, 1);
  world().end_turn();
  world().grant(a, kEverything);
  EXPECT_EQ(events(a), (Events{noop(0), data(1, "1")}));
}

TEST_F(HubTest, AFullSocketIsSentNoHeartbeat) {
  const auto a = world().subscribe("a", Transport::kStream, 1);
  session(a).room = 0;
  world().advance_ms(31'000);
  world().end_turn();
  world().advance_ms(31'000);
  world().end_turn();
  world().grant(a, kEverything);
  EXPECT_EQ(events(a), Events{});
}

TEST_F(HubTest, TheLargestHeartbeatNumberIsHarmless) {
  SubscribeRequest request = world().request("a", Transport::kStream, 1);
  request.noop = INT64_MAX;
  const auto a = world().subscribe(std::move(request));
  for (int i = 0; i < 2; ++i) {
    world().advance_ms(31'000);
    world().end_turn();
  }
  EXPECT_EQ(events(a).size(), 2u);
}

TEST_F(HubTest, TheNextDeadlineIsTheHeartbeats) {
  world().subscribe("a", Transport::kStream, 1);
  world().end_turn();
  const auto due = world().hub().next_deadline_us();
  ASSERT_TRUE(due);
  EXPECT_LE(*due, (world().now_ms() + 31'000) * 1000);
}

// --- Closing and clearing ---------------------------------------------------------------------

TEST_F(HubTest, CloseTellsSubscribersAndEndsThem) {
  const auto a = world().subscribe("a", Transport::kStream, 1);
  const auto p = world().subscribe("a", Transport::kPoll, 2);
  const auto q = world().subscribe("a", Transport::kPoll, 1);
  EXPECT_EQ(poll(p).events, (Events{next_seq(1)}));
  publish(1, 1);  // not swept yet
  EXPECT_EQ(world().ask(Verb::kClose, "a").seq, 2u);
  EXPECT_EQ(events(a), (Events{data(1, "1"), close(2)}));
  EXPECT_TRUE(stream(a).last_chunk);
  EXPECT_EQ(poll(q).events, (Events{data(1, "1")}));
  EXPECT_EQ(world().hub().channels(), 0u);
  EXPECT_EQ(world().ask(Verb::kClose, "a").outcome, Outcome::kUnknownChannel);
}

TEST_F(HubTest, CloseAnswersAWaitingPoll) {
  const auto p = world().subscribe("a", Transport::kPoll, 1);
  world().ask(Verb::kClose, "a");
  EXPECT_EQ(poll(p).events, (Events{close(1)}));
}

TEST_F(HubTest, ABlockedSubscriberOfAClosedChannelGetsEverythingAndTheClose) {
  const auto a = world().subscribe("a", Transport::kStream, 1);
  const auto b = world().subscribe("a", Transport::kStream, 1);
  session(a).room = 15;
  publish(1, 3);
  world().end_turn();
  world().ask(Verb::kClose, "a");
  EXPECT_EQ(events(b), (Events{data(1, "1"), data(2, "2"), data(3, "3"), close(4)}));
  // The name is free meanwhile.
  const auto c = world().subscribe("a", Transport::kStream, 1);
  world().publish("a", "new");
  world().end_turn();
  world().validate();
  EXPECT_EQ(events(c), (Events{data(1, "new")}));
  world().grant(a, 40);
  EXPECT_FALSE(session(a).ended);
  world().grant(a, kEverything);
  EXPECT_EQ(events(a), events(b));
  EXPECT_EQ(session(a).ended, Ending::kComplete);
  world().end_turn();
  EXPECT_EQ(world().hub().subscribers(), 1u);
}

TEST_F(HubTest, AChannelOpenedAgainInTheSameTurnHasItsOwnMessages) {
  world().subscribe("a", Transport::kStream, 1);
  world().publish("a", "old");
  world().end_turn();
  world().command(Verb::kClose, "a");
  const auto again = world().subscribe("a", Transport::kStream, 1);
  world().publish("a", "new");
  world().end_turn();
  EXPECT_EQ(events(again), (Events{data(1, "new")}));
}

TEST_F(HubTest, ClearForgetsMessagesAndKeepsTheNumbering) {
  publish(1, 3);
  EXPECT_EQ(world().ask(Verb::kClear, "a").seq, 4u);
  const auto a = world().subscribe("a", Transport::kStream, 1);
  publish(4, 4);
  world().end_turn();
  EXPECT_EQ(events(a), (Events{data(4, "4")}));
  EXPECT_EQ(world().ask(Verb::kClear, "b").outcome, Outcome::kUnknownChannel);
}

// --- Lives, limits, tokens --------------------------------------------------------------------

TEST_F(HubTest, AChannelIsForgottenWhenItsTimeIsOver) {
  world().ask(Verb::kSign, "a", {}, 0, 100);
  world().advance_ms(99'900);
  world().settle();
  EXPECT_EQ(world().hub().channels(), 1u);
  world().advance_ms(1000);
  world().settle();
  EXPECT_EQ(world().hub().channels(), 0u);
  EXPECT_EQ(world().channel_count(), 0u);
}

TEST_F(HubTest, AChannelLivesOnAfterItsLastMessageAndItsLastSubscriber) {
  publish(1, 1);
  world().advance_ms(50'000);
  publish(2, 2);
  world().settle();
  world().advance_ms(50'000);
  world().settle();
  EXPECT_EQ(world().hub().channels(), 1u);
  const auto a = world().subscribe("a", Transport::kStream, 1);
  world().advance_ms(500'000);
  world().settle();
  EXPECT_EQ(world().hub().channels(), 1u) << "it has a subscriber";
  world().leave(a);
  world().settle();
  world().advance_ms(59'000);
  world().settle();
  EXPECT_EQ(world().hub().channels(), 1u);
  world().advance_ms(2000);
  world().settle();
  EXPECT_EQ(world().hub().channels(), 0u);
}

TEST_F(HubTest, SignTellsTheOldestNumberAndKeepsTheToken) {
  publish(1, 12);
  const Answer first = world().ask(Verb::kSign, "a");
  EXPECT_EQ(first.seq, 3u);
  EXPECT_EQ(first.expires_s, 60u);
  const Answer second = world().ask(Verb::kSign, "a", {}, 0, 7);
  EXPECT_EQ(second.expires_s, 7u);
  EXPECT_EQ(second.token.bytes, first.token.bytes);
}

TEST_F(HubTest, TooManySubscribersAreToldSo) {
  HubSettings settings = support::hub_settings();
  settings.max_subscribers_per_channel = 2;
  use(settings);
  const auto a = world().subscribe("a", Transport::kStream, 1);
  world().subscribe("a", Transport::kStream, 1);
  const auto third = world().subscribe("a", Transport::kStream, 1);
  EXPECT_EQ(events(third), (Events{{"429", "a", 0, "Too many subscribers"}}));
  EXPECT_TRUE(stream(third).last_chunk);
  EXPECT_EQ(session(third).ended, Ending::kComplete);
  // A place is free the moment somebody leaves.
  world().leave(a);
  EXPECT_EQ(events(world().subscribe("a", Transport::kStream, 1)), Events{});
}

TEST_F(HubTest, TooManyChannelsAreToldSo) {
  HubSettings settings = support::hub_settings();
  settings.max_channels = 1;
  use(settings);
  publish(1, 1);
  EXPECT_EQ(world().ask(Verb::kPublish, "b", "x").outcome, Outcome::kTooManyChannels);
  EXPECT_EQ(world().ask(Verb::kSign, "b").outcome, Outcome::kTooManyChannels);
  const auto p = world().subscribe("b", Transport::kPoll, 1);
  EXPECT_EQ(poll(p).events, (Events{{"429", "b", 0, "Too many channels"}}));
  world().ask(Verb::kClose, "a");
  EXPECT_EQ(world().ask(Verb::kPublish, "b", "x").outcome, Outcome::kOk);
}

TEST_F(HubTest, WhereSubscribersMayNotCreateChannelsAnUnknownOneIsRefused) {
  HubSettings settings = support::hub_settings();
  settings.create_channels = false;
  use(settings);
  const Events refused{{"401", "a", 0, "Token error"}};
  EXPECT_EQ(events(world().subscribe("a", Transport::kStream, 1)), refused);
  EXPECT_EQ(poll(world().subscribe("a", Transport::kPoll, 1)).events, refused);
  EXPECT_EQ(world().hub().channels(), 0u);
  EXPECT_EQ(world().hub().closes()[CloseReason::kUnknownChannel], 2u);
  publish(1, 1);
  EXPECT_EQ(events(world().subscribe("a", Transport::kStream, 1)), (Events{data(1, "1")}));
  world().ask(Verb::kSign, "b");
  EXPECT_EQ(world().hub().channels(), 2u);
}

TEST_F(HubTest, WithTokensOnlyTheSignedChannelsTokenLetsIn) {
  HubSettings settings = support::hub_settings();
  settings.auth = Auth::kToken;
  use(settings);
  const Events refused{{"401", "a", 0, "Token error"}};
  EXPECT_EQ(events(world().subscribe("a", Transport::kStream, 1)), refused);
  EXPECT_EQ(world().hub().channels(), 0u);
  const Answer signed_channel = world().ask(Verb::kSign, "a");
  SubscribeRequest request = world().request("a", Transport::kStream, 1);
  request.has_token = true;
  EXPECT_EQ(events(world().subscribe(request)), refused);
  request.token = signed_channel.token;
  EXPECT_EQ(events(world().subscribe(request)), Events{});
  request.has_token = false;
  EXPECT_EQ(events(world().subscribe(request)), refused);
}

// --- Why they ended ---------------------------------------------------------------------------

TEST_F(HubTest, WhoIsTurnedAwayIsCountedByReason) {
  HubSettings settings = support::hub_settings();
  settings.max_channels = 1;
  settings.max_subscribers_per_channel = 1;
  use(settings);
  world().subscribe("a", Transport::kStream, 1);
  world().subscribe("a", Transport::kPoll, 1);
  world().subscribe("b", Transport::kSse, 1);
  world().subscribe("b", Transport::kPoll, 1);
  EXPECT_EQ(world().hub().closes()[CloseReason::kTooManySubscribers], 1u);
  EXPECT_EQ(world().hub().closes()[CloseReason::kTooManyChannels], 2u);
  EXPECT_EQ(world().hub().closes()[CloseReason::kTokenError], 0u);
}

TEST_F(HubTest, WhoIsEndedIsCountedByReason) {
  const auto dead = world().subscribe("a", Transport::kStream, 1);
  const auto half = world().subscribe("a", Transport::kStream, 1);
  world().subscribe("a", Transport::kStream, 1);
  const auto blocked = world().subscribe("a", Transport::kStream, 1);
  session(blocked).room = 20;
  session(dead).gone = true;
  publish(1, 1);
  world().end_turn();
  world().half_close(half);
  EXPECT_EQ(world().hub().closes()[CloseReason::kClientLeft], 2u);
  world().subscribe("a", Transport::kPoll, 2);
  world().ask(Verb::kClose, "a");
  EXPECT_EQ(world().hub().closes()[CloseReason::kChannelClosed], 2u) << "one is not told yet";
  world().grant(blocked, kEverything);
  EXPECT_EQ(world().hub().closes()[CloseReason::kChannelClosed], 3u);
  EXPECT_EQ(world().hub().closes()[CloseReason::kLagging], 0u);
}

// --- Half-closed peers ------------------------------------------------------------------------

TEST_F(HubTest, AHalfClosedPeerThatWaitsIsEnded) {
  const auto a = world().subscribe("a", Transport::kStream, 1);
  world().half_close(a);
  EXPECT_EQ(session(a).ended, Ending::kBroken);
  world().settle();
  EXPECT_EQ(world().ask(Verb::kInspect, "a").subscribers, 0u);
}

// --- Observers --------------------------------------------------------------------------------

TEST_F(HubTest, AnObserverGetsWhatASubscriberGetsAndIsNotCounted) {
  HubSettings settings = support::hub_settings();
  settings.auth = Auth::kToken;
  settings.max_subscribers_per_channel = 0;
  use(settings);
  publish(1, 2);
  const auto observer = world().subscribe("a", Transport::kTail, 2);
  publish(3, 3);
  world().settle();
  EXPECT_EQ(events(observer), (Events{data(2, "2"), data(3, "3")}));
  EXPECT_EQ(world().hub().subscribers(), 0u);
  EXPECT_EQ(world().ask(Verb::kInspect, "a").subscribers, 0u);
}

TEST_F(HubTest, AnObserverOfNothingIsTold404AndCreatesNothing) {
  const auto observer = world().subscribe("a", Transport::kTail, 1);
  EXPECT_TRUE(session(observer).received.starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(session(observer).received.ends_with("\r\n\r\nchannel[a] not connected\n"));
  EXPECT_EQ(session(observer).ended, Ending::kComplete);
  world().settle();
  EXPECT_EQ(world().hub().channels(), 0u);
}

TEST_F(HubTest, AnObserverDoesNotKeepAChannelAliveAndIsToldOfItsEnd) {
  publish(1, 1);
  const auto observer = world().subscribe("a", Transport::kTail, 2);
  const auto gone = world().subscribe("a", Transport::kTail, 2);
  world().advance_ms(59'000);
  world().leave(gone);
  world().settle();
  EXPECT_EQ(world().hub().channels(), 1u);
  world().advance_ms(2000);
  world().settle();
  EXPECT_EQ(world().hub().channels(), 0u) << "nobody's leaving gave it more time";
  EXPECT_EQ(events(observer).back(), close(2));
  EXPECT_EQ(session(observer).ended, Ending::kComplete);
}

TEST_F(HubTest, SubscribersAreCountedRightBesideObservers) {
  const auto a = world().subscribe("a", Transport::kStream, 1);
  const auto observer = world().subscribe("a", Transport::kTail, 1);
  EXPECT_EQ(world().hub().subscribers(), 1u);
  EXPECT_EQ(world().ask(Verb::kInspect, "a").subscribers, 1u);
  world().leave(observer);
  world().settle();
  EXPECT_EQ(world().ask(Verb::kInspect, "a").subscribers, 1u);
  const auto again = world().subscribe("a", Transport::kTail, 1);
  world().leave(a);
  world().settle();
  EXPECT_EQ(world().ask(Verb::kInspect, "a").subscribers, 0u);
  world().advance_ms(61'000);
  world().settle();
  EXPECT_EQ(events(again).back(), close(1)) << "its last subscriber's leaving began its time";
}

// --- Presence ---------------------------------------------------------------------------------

std::string body_of(std::string_view received) {
  const std::size_t at = received.find("\r\n\r\n");
  return at == std::string_view::npos ? "" : std::string(received.substr(at + 4));
}

TEST_F(HubTest, PresenceTellsOfChannelsThatAppearLiveOnAndGo) {
  world().publish("before", "x");
  const auto watcher = world().watch_presence();
  world().publish("a", "x");
  world().settle();
  EXPECT_EQ(body_of(session(watcher).received), "4\r\n1 a\n\r\n");
  world().ask(Verb::kClose, "a");
  EXPECT_EQ(body_of(session(watcher).received), "4\r\n1 a\n\r\n4\r\n0 a\n\r\n");
  session(watcher).received = "\r\n\r\n";
  world().subscribe("before", Transport::kStream, 1);
  world().advance_ms(60'500);
  world().settle();
  EXPECT_EQ(body_of(session(watcher).received), "9\r\n1 before\n\r\n");
  world().leave(watcher);
  world().settle();
  EXPECT_EQ(world().hub().subscribers(), 1u) << "watchers do not count";
}

TEST_F(HubTest, ABlockedWatcherGoesOnAtTheExactByte) {
  const auto watcher = world().watch_presence();
  session(watcher).room = 5;
  for (const char* name : {"a", "b", "c"}) world().publish(name, "x");
  world().settle();
  world().validate();
  world().grant(watcher, kEverything);
  EXPECT_EQ(body_of(session(watcher).received), "4\r\n1 a\n\r\n4\r\n1 b\n\r\n4\r\n1 c\n\r\n");
}

// The lines of a chunked response, each with its chunk's head taken off.
std::vector<std::string> lines_of(support::MemorySession& session) {
  const Transcript transcript =
      support::read_endless(session.received, {Transport::kPresence, true});
  EXPECT_EQ(transcript.error, "");
  std::vector<std::string> lines;
  for (const Event& event : transcript.events) lines.push_back(event.content);
  return lines;
}
using Lines = std::vector<std::string>;

TEST_F(HubTest, WhoAsksForThemHearsOfSubscribersToo) {
  const auto watcher = world().watch_presence(0, kEverything, PresenceEvents::kSubscribers);
  const auto plain = world().watch_presence();
  const auto a = world().subscribe("a");
  world().settle();
  const auto b = world().subscribe("a");
  world().settle();
  world().leave(a);
  world().settle();
  world().leave(b);
  world().settle();
  EXPECT_EQ(lines_of(session(watcher)),
            (Lines{"1 a", "join 1 a", "join 2 a", "leave 1 a", "leave 0 a"}));
  EXPECT_EQ(lines_of(session(plain)), Lines{"1 a"});
}

TEST_F(HubTest, ManyWhoComeAndGoInOneTurnAreOneLineEach) {
  const auto watcher = world().watch_presence(0, kEverything, PresenceEvents::kSubscribers);
  const auto early = world().subscribe("a");
  world().settle();
  for (int i = 0; i < 10; ++i) world().subscribe("b");
  world().leave(early);
  for (int i = 0; i < 5; ++i) world().subscribe("a");
  world().settle();
  EXPECT_EQ(lines_of(session(watcher)),
            (Lines{"1 a", "join 1 a", "1 b", "join 10 b", "join 5 a", "leave 5 a"}));
}

TEST_F(HubTest, WithAChannelItsSubscribersLeave) {
  const auto watcher = world().watch_presence(0, kEverything, PresenceEvents::kSubscribers);
  world().subscribe("a");
  world().ask(Verb::kClose, "a");
  world().subscribe("a");
  world().settle();
  world().ask(Verb::kClose, "a");
  world().publish("a", "x");
  world().ask(Verb::kClose, "a");
  EXPECT_EQ(lines_of(session(watcher)), (Lines{"1 a", "join 1 a", "leave 0 a", "0 a", "1 a",
                                               "join 1 a", "leave 0 a", "0 a", "1 a", "0 a"}));
}

TEST_F(HubTest, WhoOnlyLooksIsNoSubscriberForWatchers) {
  world().publish("a", "x");
  const auto watcher = world().watch_presence(0, kEverything, PresenceEvents::kSubscribers);
  const auto tail = world().subscribe("a", Transport::kTail);
  world().settle();
  world().leave(tail);
  world().settle();
  EXPECT_EQ(lines_of(session(watcher)), Lines{});
}

TEST_F(HubTest, WhenNobodyListensForSubscribersAnyMoreNothingIsKept) {
  const auto watcher = world().watch_presence(0, kEverything, PresenceEvents::kSubscribers);
  world().subscribe("a");
  world().leave(watcher);
  world().settle();
  const auto plain = world().watch_presence();
  world().subscribe("a");
  world().subscribe("b");
  world().settle();
  EXPECT_EQ(lines_of(session(plain)), Lines{"1 b"});
  EXPECT_FALSE(world().hub().home().has_changes());
}

// --- Two cores --------------------------------------------------------------------------------

class TwoHubs : public testing::Test {
 protected:
  HubWorld world_{support::hub_settings(), 2};
  std::string name_ = world_.name_at_home(0);
  Transcript stream(std::uint32_t session) {
    return support::read_endless(world_.session(session, 1).received, kStream);
  }
};

TEST_F(TwoHubs, LeavingWhileJoiningLeavesNothingBehind) {
  const auto a = world_.subscribe(name_, Transport::kStream, 1, 1);
  EXPECT_EQ(world_.session(a, 1).received, "");
  world_.leave(a, 1);
  world_.end_turn(1);
  world_.settle();
  EXPECT_EQ(world_.session(a, 1).received, "");
  EXPECT_EQ(world_.ask(Verb::kInspect, name_).subscribers, 0u);
  world_.validate();
}

TEST_F(TwoHubs, APeerThatHalfClosedWhileJoiningGetsWhatCanBeAnsweredAtOnce) {
  world_.publish(name_, "x");
  const auto p = world_.subscribe(name_, Transport::kPoll, 1, 1);
  const auto waiting = world_.subscribe(name_, Transport::kPoll, 2, 1);
  const auto a = world_.subscribe(name_, Transport::kStream, 1, 1);
  for (const auto session : {p, waiting, a}) world_.half_close(session, 1);
  world_.settle();
  EXPECT_EQ(support::read_poll(world_.session(p, 1).received).events,
            (Events{{"data", name_, 1, "x"}}));
  EXPECT_EQ(world_.session(p, 1).ended, Ending::kComplete);
  EXPECT_EQ(world_.session(waiting, 1).received, "");
  EXPECT_EQ(world_.session(waiting, 1).ended, Ending::kBroken);
  EXPECT_EQ(stream(a).events, (Events{{"data", name_, 1, "x"}}));
  EXPECT_EQ(world_.session(a, 1).ended, Ending::kBroken);
}

TEST_F(TwoHubs, AnObserverThatLeavesWhileJoiningIsNotTakenForASubscriber) {
  const auto a = world_.subscribe(name_, Transport::kStream, 1, 1);
  world_.settle();
  const auto observer = world_.subscribe(name_, Transport::kTail, 1, 1);
  world_.leave(observer, 1);
  world_.settle();
  EXPECT_EQ(world_.ask(Verb::kInspect, name_).subscribers, 1u);
  world_.leave(a, 1);
  world_.settle();
  EXPECT_EQ(world_.ask(Verb::kInspect, name_).subscribers, 0u);
  world_.validate();
}

TEST_F(TwoHubs, ACloseUnderWayMeetsAJoinUnderWay) {
  world_.subscribe(name_, Transport::kStream, 1, 1);
  world_.settle();
  const auto late = world_.subscribe(name_, Transport::kStream, 1, 1);
  world_.command(Verb::kClose, name_, {}, 0);
  world_.publish(name_, "new");
  world_.settle();
  EXPECT_EQ(stream(late).events, (Events{{"data", name_, 1, "new"}}));
  world_.validate();
}

TEST_F(TwoHubs, PublishersAreRefusedWhileACoreDoesNotKeepUp) {
  world_.subscribe(name_, Transport::kStream, 1, 1);
  world_.settle();
  world_.wire(0).backlog_of_every_core = 5000;
  EXPECT_EQ(world_.ask(Verb::kPublish, name_, "x").outcome, Outcome::kOverloaded);
  world_.broadcast("x", 0);
  EXPECT_EQ(world_.wire(0).answers.back().outcome, Outcome::kOverloaded);
  world_.wire(0).backlog_of_every_core = 0;
  EXPECT_EQ(world_.ask(Verb::kPublish, name_, "x").seq, 1u);
}

// Who asks may hang up, and what was asked is still under way.
TEST_F(TwoHubs, OnlySoManyWalksThroughAllChannelsAreUnderWay) {
  const Survey::AboutChannels question;
  for (int i = 0; i < 8; ++i) world_.hub(0).ask_cores({0, 0}, question);
  EXPECT_TRUE(world_.wire(0).answers.empty());
  world_.hub(0).ask_cores({0, 0}, question);
  ASSERT_EQ(world_.wire(0).answers.size(), 1u);
  EXPECT_EQ(world_.wire(0).answers.back().outcome, Outcome::kOverloaded);
  world_.hub(0).ask_cores({0, 0}, Survey::AboutCore{});
  EXPECT_EQ(world_.wire(0).answers.size(), 1u) << "other questions are welcome";
  world_.settle();
  world_.hub(0).ask_cores({0, 0}, question);
  EXPECT_EQ(world_.wire(0).answers.size(), 1u);
  world_.settle();
}

TEST_F(TwoHubs, CountsAreOfTheWholeServer) {
  world_.publish(name_, "x");
  world_.publish(world_.name_at_home(1), "x");
  world_.subscribe(name_, Transport::kStream, 1, 0);
  world_.subscribe(name_, Transport::kStream, 1, 1);
  world_.settle();
  const CoreReport sum = sum_of(world_.ask_cores(1));
  EXPECT_EQ(sum.channels, 2u);
  EXPECT_EQ(sum.subscribers.total(), 2u);
}

TEST_F(TwoHubs, EveryoneOnEveryCoreCountsForWatchers) {
  const auto watcher = world_.watch_presence(1, kEverything, PresenceEvents::kSubscribers);
  world_.settle();
  const auto far = world_.subscribe(name_, Transport::kStream, 1, 1);
  world_.settle();
  world_.subscribe(name_, Transport::kPoll, 1, 0);
  world_.settle();
  world_.leave(far, 1);
  world_.settle();
  EXPECT_EQ(lines_of(world_.session(watcher, 1)),
            (Lines{"1 " + name_, "join 1 " + name_, "join 2 " + name_, "leave 1 " + name_}));
}

TEST_F(TwoHubs, PresenceIsOfTheWholeServer) {
  const auto watcher = world_.watch_presence(1);
  EXPECT_EQ(world_.session(watcher, 1).received, "") << "core 0 does not know yet";
  world_.settle();
  world_.publish(name_, "x");
  world_.settle();
  EXPECT_EQ(body_of(world_.session(watcher, 1).received),
            std::to_string(name_.size() + 3) + "\r\n1 " + name_ + "\n\r\n");
}

}  // namespace
}  // namespace comet

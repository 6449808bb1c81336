// The life of a channel as its subscribers see it: its end, its limits, why they were ended.
#include "comet/hub.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/hub_test.h"

namespace comet {
namespace {

using support::close;
using support::data;
using support::Events;
using support::HubTest;
using support::kEverything;
using support::next_seq;
using Verb = Command::Verb;

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

}  // namespace
}  // namespace comet

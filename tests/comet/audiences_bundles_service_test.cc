// Several channels on one connection while it lasts: one stream of bytes, positions, signs of life.
#include <algorithm>
#include <string>
#include <variant>

#include "tests/comet/bundle_test.h"

namespace comet {
namespace {

// --- Sockets that are full --------------------------------------------------------------------

TEST_F(BundleTest, AFrameIsFinishedBeforeAnotherChannelsFollows) {
  const auto session = subscribe({{"a", 1}, {"b", 1}}, Transport::kStream);
  for (std::size_t room = 1; room < 120; ++room) {
    world_.session(session).room = room;
    publish("a", "of a");
    publish("b", "of b");
    publish("a", "of a");
    EXPECT_EQ(endless(session, Transport::kStream).error, "");
    grant(session, support::kEverything);
  }
  const std::vector<Event> got = events(session);
  ASSERT_EQ(got.size(), 3u * 119);
  std::int64_t next_a = 1;
  std::int64_t next_b = 1;
  for (const Event& event : got) {
    EXPECT_EQ(event.seq, event.cname == "a" ? next_a++ : next_b++);
  }
}

TEST_F(BundleTest, NoChannelStarvesBehindAnotherThatFillsTheSocket) {
  const auto session = subscribe({{"a", 1}, {"b", 1}}, Transport::kStream, 400);
  world_.session(session).room = 10;
  for (int i = 0; i < 20; ++i) world_.publish("a", "of a");
  world_.publish("b", "of b");
  world_.settle();
  grant(session, 200);
  grant(session, 200);
  const std::vector<Event> got = endless(session, Transport::kStream).events;
  EXPECT_NE(std::find(got.begin(), got.end(), Event{"data", "b", 1, "of b"}), got.end());
}

TEST_F(BundleTest, WhatIsBlockedGetsItsCloseWhenItGetsThere) {
  const auto session = subscribe({{"a", 1}, {"b", 1}}, Transport::kStream);
  world_.session(session).room = 5;
  world_.publish("a", "of a");
  world_.publish("b", "of b");
  world_.settle();
  world_.ask(Verb::kClose, "a");
  world_.ask(Verb::kClose, "b");
  EXPECT_TRUE(world_.session(session).listening);
  grant(session, support::kEverything);
  EXPECT_EQ(world_.session(session).ended, Ending::kComplete);
  const std::vector<Event> got = events(session);
  EXPECT_EQ(got.size(), 4u);
  EXPECT_NE(std::find(got.begin(), got.end(), Event{"close", "b", 2, ""}), got.end());
}

TEST_F(BundleTest, HistoryComesInPartsOneChannelAtATime) {
  HubSettings settings = support::hub_settings();
  settings.channel_buffer_size = 1000;
  HubWorld world(settings, 2);
  const std::string far = world.name_at_home(1);
  const std::string near = world.name_at_home(0);
  const std::string big(1000, '.');
  for (int i = 0; i < 300; ++i) {
    world.publish(far, big);
    world.publish(near, big);
  }
  world.settle();
  const auto session =
      world.subscribe(world.request({{far, 1}, {near, 1}}, Transport::kStream), 0, 0);
  world.settle();
  // A part, and heads: who does not read costs no more.
  EXPECT_LT(world.session(session).kept.size(), 80'000u);
  while (world.session(session).received.size() < 600'000) {
    world.grant(session, 10'000);
    world.settle();
    world.validate();
    EXPECT_LT(world.session(session).kept.size(), 80'000u);
  }
  world.grant(session, support::kEverything);
  world.settle();
  const Transcript got =
      support::read_endless(world.session(session).received, {Transport::kStream, true});
  EXPECT_EQ(got.error, "");
  EXPECT_EQ(got.events.size(), 600u);
}

// Nothing else need ever wake the core.
TEST_F(BundleTest, WhenTheChannelThatFetchesIsClosedTheNextAsksItsHomeAtOnce) {
  HubSettings settings = support::hub_settings();
  settings.channel_buffer_size = 1000;
  HubWorld world(settings, 2);
  const std::string first = world.name_at_home(1);
  std::string second = "d";
  while (world.home_of(second) != 1) second += "d";
  for (int i = 0; i < 100; ++i) {
    world.publish(first, std::string(1000, '.'), 1);
    world.publish(second, std::string(1000, '.'), 1);
  }
  world.subscribe(world.request({{first, 1}, {second, 1}}, Transport::kStream), 0);
  const auto asked_for_history = [&] {
    return std::ranges::count_if(world.lane(0, 1), [](const HubWorld::Envelope& envelope) {
      return std::holds_alternative<Fetch>(envelope.message);
    });
  };
  while (world.mail() > 0) world.deliver_nth(0);
  EXPECT_FALSE(world.end_turn(0));
  EXPECT_EQ(asked_for_history(), 1);
  world.command(Verb::kClose, first, {}, 1);
  world.deliver(1, 0);
  while (world.end_turn(0)) {
  }
  EXPECT_EQ(asked_for_history(), 2);
  world.settle();
}

TEST_F(BundleTest, WhoIsTooSlowOnOneChannelLosesTheConnection) {
  HubSettings settings = support::hub_settings();
  settings.backlog_messages_max = 2;
  HubWorld world(settings);
  const auto session = world.subscribe(world.request({{"a", 1}, {"b", 1}}, Transport::kStream));
  world.settle();
  world.session(session).room = 0;
  for (int i = 0; i < 4; ++i) {
    world.publish("a", "x");
    world.settle();
  }
  EXPECT_EQ(world.session(session).ended, Ending::kBroken);
  EXPECT_EQ(world.hub().closes()[CloseReason::kLagging], 1u);
  EXPECT_EQ(world.hub().subscribers(), 0u);
  world.validate();
}

// --- Positions --------------------------------------------------------------------------------

TEST_F(BundleTest, EveryEventSaysWhereAllChannelsStand) {
  publish("a", "a1");
  publish("b", "b1");
  const auto session = subscribe({{"a", 2}, {"b", 1}, {"c", 0}}, Transport::kSse);
  publish("a", "a2");
  world_.ask(Verb::kClose, "b");
  world_.advance_ms(31'000);
  world_.settle();
  const std::string& received = world_.session(session).received;
  EXPECT_EQ(received.substr(received.find("\r\n\r\n") + 4),
            "d\r\nretry: 2000\n\n\r\n45\r\nid: 1,1,-1\n"
            "data: {\"type\":\"data\",\"cname\":\"b\",\"seq\":1,\"content\":\"b1\"}\n\n\r\n"
            "46\r\nid: 1,1,0\n"
            "data: {\"type\":\"next_seq\",\"cname\":\"c\",\"seq\":1,\"content\":\"\"}\n\n\r\n"
            "44\r\nid: 2,1,0\n"
            "data: {\"type\":\"data\",\"cname\":\"a\",\"seq\":2,\"content\":\"a2\"}\n\n\r\n"
            "43\r\nid: 2,1,0\n"
            "data: {\"type\":\"close\",\"cname\":\"b\",\"seq\":2,\"content\":\"\"}\n\n\r\n"
            "42\r\nid: 2,1,0\n"
            "data: {\"type\":\"noop\",\"cname\":\"a\",\"seq\":0,\"content\":\"\"}\n\n\r\n");
}

TEST_F(BundleTest, WhoComesBackWithTheIdItSawLastMissesNothing) {
  const auto session = subscribe({{"a", 1}, {"b", 1}}, Transport::kSse);
  for (int i = 0; i < 50; ++i) {
    world_.session(session).room = static_cast<std::size_t>(i * 7);
    world_.publish("a", "of a");
    world_.publish("b", "of b");
    if (i % 3 == 0) world_.broadcast("to all");
    world_.settle();
    grant(session, support::kEverything);
  }
  const Transcript got =
      support::read_endless(world_.session(session).received, {Transport::kSse, true}, {"a", "b"});
  EXPECT_EQ(got.error, "");
  EXPECT_EQ(got.events.size(), 50u * 2 + 17 * 4);
}

// --- Idle and leaving -------------------------------------------------------------------------

TEST_F(BundleTest, OneIdleConnectionGetsOneHeartbeat) {
  const auto session = subscribe({{"a", 1}, {"b", 1}}, Transport::kStream);
  world_.advance_ms(20'000);
  publish("b", "x");
  world_.advance_ms(29'000);
  world_.settle();
  EXPECT_EQ(events(session).size(), 1u);
  world_.advance_ms(2'000);
  world_.settle();
  EXPECT_THAT(events(session), ElementsAre(Event{"data", "b", 1, "x"}, Event{"noop", "a", 0, ""}));
  world_.ask(Verb::kClose, "a");
  world_.advance_ms(31'000);
  world_.settle();
  EXPECT_EQ(events(session).back(), (Event{"noop", "b", 1, ""}));
}

TEST_F(BundleTest, TheAnswerToAnOperationPutsTheHeartbeatOff) {
  const auto session = subscribe({{"a", 1}}, Transport::kWebSocket);
  world_.advance_ms(20'000);
  world_.drop_channel(session, "b");
  world_.advance_ms(29'000);
  world_.settle();
  EXPECT_THAT(events(session, Transport::kWebSocket),
              ElementsAre(Event{"error", "b", 0, "not subscribed"}));
  world_.advance_ms(1500);
  world_.settle();
  EXPECT_THAT(events(session, Transport::kWebSocket),
              ElementsAre(Event{"error", "b", 0, "not subscribed"}, Event{"noop", "a", 0, ""},
                          Event{"ping", "", 0, ""}));
}

TEST_F(BundleTest, AWebSocketIsPingedAndClosedWhenItDoesNotAnswer) {
  const auto session = subscribe({{"a", 1}}, Transport::kWebSocket);
  const auto beat = [&] {
    world_.advance_ms(30'500);
    world_.settle();
  };
  beat();
  EXPECT_THAT(events(session, Transport::kWebSocket),
              ElementsAre(Event{"noop", "a", 0, ""}, Event{"ping", "", 0, ""}));
  world_.hub().heard(world_.session(session).subscriber);
  beat();
  EXPECT_EQ(events(session, Transport::kWebSocket).size(), 4u);
  beat();
  EXPECT_EQ(world_.session(session).ended, Ending::kBroken);
  EXPECT_EQ(world_.hub().closes()[CloseReason::kSilent], 1u);
}

// A server that was stopped finds the pongs after the time is up.
TEST_F(BundleTest, AWebSocketIsNotClosedBeforeAllThatCameInTimeWasHeard) {
  const auto session = subscribe({{"a", 1}}, Transport::kWebSocket);
  world_.advance_ms(30'500);
  world_.settle();
  const std::uint64_t heard_until_us = world_.now().monotonic_us;
  world_.advance_ms(60'000);
  world_.hub().end_turn(heard_until_us);
  ASSERT_FALSE(world_.session(session).ended.has_value());
  world_.hub().heard(world_.session(session).subscriber);
  world_.settle();
  EXPECT_FALSE(world_.session(session).ended.has_value());
}

TEST_F(BundleTest, WithoutChannelsAWebSocketGetsOnlyPings) {
  const auto session = subscribe({}, Transport::kWebSocket);
  world_.advance_ms(30'500);
  world_.settle();
  EXPECT_THAT(events(session, Transport::kWebSocket), ElementsAre(Event{"ping", "", 0, ""}));
}

TEST_F(BundleTest, ADrainEndsTheConnectionsOfEachKind) {
  const auto stream = subscribe({{"a", 1}, {"b", 1}}, Transport::kStream);
  const auto poll = subscribe({{"a", 1}, {"b", 1}}, Transport::kPoll);
  const auto websocket = subscribe({}, Transport::kWebSocket);
  const auto full = subscribe({{"a", 1}, {"b", 1}}, Transport::kStream);
  world_.session(full).room = 3;
  world_.publish("b", "last");
  world_.hub().begin_drain(0, 42);
  world_.settle();
  EXPECT_EQ(world_.session(stream).ended, Ending::kLast);
  EXPECT_FALSE(endless(stream, Transport::kStream).last_chunk);
  EXPECT_EQ(world_.session(poll).ended, Ending::kLast);
  EXPECT_EQ(world_.session(websocket).ended, Ending::kLast);
  EXPECT_THAT(events(websocket, Transport::kWebSocket),
              ElementsAre(Event{"close frame", "", 1001, ""}));
  EXPECT_TRUE(world_.session(full).listening);
  grant(full, support::kEverything);
  EXPECT_EQ(world_.session(full).ended, Ending::kLast);
  EXPECT_THAT(events(full), ElementsAre(Event{"data", "b", 1, "last"}));
  EXPECT_TRUE(world_.hub().has_drained());
}

TEST_F(BundleTest, WhoComesToACoreThatDrainsGetsWhatThereIsAndGoes) {
  publish("a", "a1");
  world_.hub().begin_drain(0, 42);
  const auto session = subscribe({{"a", 1}, {"b", 1}}, Transport::kStream);
  EXPECT_EQ(world_.session(session).ended, Ending::kLast);
  EXPECT_THAT(events(session), ElementsAre(Event{"data", "a", 1, "a1"}));
}

}  // namespace
}  // namespace comet

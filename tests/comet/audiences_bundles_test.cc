// Several channels on one connection: what its client gets, whatever happens to one of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/hub_world.h"
#include "tests/support/transcript.h"

namespace comet {
namespace {

using support::Event;
using support::HubWorld;
using support::Transcript;
using testing::ElementsAre;
using testing::IsEmpty;
using Verb = Command::Verb;

class BundleTest : public testing::Test {
 protected:
  explicit BundleTest(std::size_t cores = 1) : BundleTest(support::hub_settings(), cores) {}
  BundleTest(HubSettings settings, std::size_t cores) : world_(std::move(settings), cores) {}
  ~BundleTest() override { world_.validate(); }

  std::uint32_t subscribe(std::initializer_list<HubWorld::Wanted> channels, Transport transport,
                          std::size_t room = support::kEverything) {
    const std::uint32_t session = world_.subscribe(world_.request(channels, transport), 0, room);
    world_.settle();
    return session;
  }
  void publish(std::string_view name, std::string_view content) {
    world_.publish(name, content);
    world_.settle();
  }
  Transcript endless(std::uint32_t session, Transport transport) {
    const bool chunked = transport != Transport::kWebSocket;
    Transcript got = support::read_endless(world_.session(session).received, {transport, chunked});
    EXPECT_EQ(got.error, "");
    return got;
  }
  std::vector<Event> events(std::uint32_t session, Transport transport = Transport::kStream) {
    const Transcript got = endless(session, transport);
    EXPECT_EQ(got.tail, "");
    return got.events;
  }
  void grant(std::uint32_t session, std::size_t bytes) {
    world_.grant(session, bytes);
    world_.settle();
    world_.validate();
  }

  HubWorld world_;
};

// --- Endless responses ------------------------------------------------------------------------

TEST_F(BundleTest, EachChannelBeginsAtItsOwnNumber) {
  publish("a", "a1");
  publish("b", "b1");
  publish("b", "b2");
  const auto session = subscribe({{"a", 0}, {"b", 2}, {"c", 1}}, Transport::kStream);
  EXPECT_THAT(events(session),
              ElementsAre(Event{"next_seq", "a", 2, ""}, Event{"data", "b", 2, "b2"}));
  publish("c", "c1");
  publish("a", "a2");
  EXPECT_THAT(events(session),
              ElementsAre(Event{"next_seq", "a", 2, ""}, Event{"data", "b", 2, "b2"},
                          Event{"data", "c", 1, "c1"}, Event{"data", "a", 2, "a2"}));
  EXPECT_EQ(world_.hub().subscribers(), 3u);
}

TEST_F(BundleTest, TheHeadGoesOutBeforeTheHomesAnswer) {
  HubWorld two(support::hub_settings(), 2);
  const std::string far = two.name_at_home(1);
  const auto session = two.subscribe(two.request({{far, 1}, {"x", 1}}, Transport::kStream));
  EXPECT_TRUE(two.session(session).received.starts_with("HTTP/1.1 200 OK\r\n"));
  two.settle();
  two.validate();
}

TEST_F(BundleTest, WhoLeavesLeavesAllChannels) {
  const auto session = subscribe({{"a", 1}, {"b", 1}}, Transport::kStream);
  world_.leave(session);
  world_.settle();
  EXPECT_EQ(world_.hub().subscribers(), 0u);
  EXPECT_EQ(world_.ask(Verb::kInspect, "b").subscribers, 0u);
  world_.advance_ms(200'000);
  world_.settle();
  EXPECT_TRUE(world_.hub().is_empty());
}

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

TEST_F(BundleTest, CloseEndsOneChannelAndTheLastOneTheResponse) {
  const auto session = subscribe({{"a", 1}, {"b", 1}}, Transport::kStream);
  world_.ask(Verb::kClose, "a");
  EXPECT_TRUE(world_.session(session).listening);
  publish("b", "on it goes");
  world_.ask(Verb::kClose, "b");
  const Transcript got = endless(session, Transport::kStream);
  EXPECT_THAT(got.events,
              ElementsAre(Event{"close", "a", 1, ""}, Event{"data", "b", 1, "on it goes"},
                          Event{"close", "b", 2, ""}));
  EXPECT_TRUE(got.last_chunk);
  EXPECT_EQ(world_.session(session).ended, Ending::kComplete);
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

class TokenBundleTest : public BundleTest {
 protected:
  TokenBundleTest() : BundleTest(with_tokens(), 1) {}
  static HubSettings with_tokens() {
    HubSettings settings = support::hub_settings();
    settings.auth = Auth::kToken;
    return settings;
  }
  SubscribeRequest one_is_right(Transport transport) {
    SubscribeRequest request = world_.request({{"a", 1}, {"b", 1}}, transport);
    request.more[0].token = world_.ask(Verb::kSign, "b").token;
    request.more[0].has_token = true;
    return request;
  }
};

TEST_F(TokenBundleTest, OneChannelIsRefusedAndTheOthersGoOn) {
  const auto session = world_.subscribe(one_is_right(Transport::kStream));
  publish("b", "x");
  EXPECT_THAT(events(session),
              ElementsAre(Event{"401", "a", 0, "Token error"}, Event{"data", "b", 1, "x"}));
}

TEST_F(TokenBundleTest, WhereAllAreRefusedTheResponseEnds) {
  const auto session = subscribe({{"a", 1}, {"b", 1}}, Transport::kStream);
  const Transcript got = endless(session, Transport::kStream);
  EXPECT_THAT(got.events, ElementsAre(Event{"401", "a", 0, "Token error"},
                                      Event{"401", "b", 0, "Token error"}));
  EXPECT_TRUE(got.last_chunk);
  EXPECT_EQ(world_.session(session).ended, Ending::kComplete);
}

TEST_F(TokenBundleTest, ARefusalAnswersAPoll) {
  const auto session = world_.subscribe(one_is_right(Transport::kPoll));
  world_.settle();
  const Transcript got = support::read_poll(world_.session(session).received);
  EXPECT_EQ(got.error, "");
  EXPECT_FALSE(got.array);
  EXPECT_THAT(got.events, ElementsAre(Event{"401", "a", 0, "Token error"}));
}

// --- Server-sent events -----------------------------------------------------------------------

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

// --- Polls ------------------------------------------------------------------------------------

TEST_F(BundleTest, APollIsAnsweredWithAllThatWaitsInOneArray) {
  publish("a", "a1");
  publish("b", "b1");
  publish("b", "b2");
  const auto session = subscribe({{"b", 1}, {"c", 0}, {"a", 1}}, Transport::kPoll);
  const Transcript got = support::read_poll(world_.session(session).received);
  EXPECT_EQ(got.error, "");
  EXPECT_TRUE(got.array);
  EXPECT_EQ(got.callback, "icomet_cb");
  EXPECT_THAT(got.events, ElementsAre(Event{"data", "b", 1, "b1"}, Event{"data", "b", 2, "b2"},
                                      Event{"next_seq", "c", 1, ""}, Event{"data", "a", 1, "a1"}));
  EXPECT_EQ(world_.session(session).ended, Ending::kComplete);
  EXPECT_EQ(world_.hub().subscribers(), 0u);
}

TEST_F(BundleTest, APollIsFollowedByNothingMoreOnceItIsFull) {
  const std::string content(600'000, 'x');
  for (const char* name : {"a", "b", "c", "d"}) publish(name, content);
  const auto session =
      subscribe({{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 0}}, Transport::kPoll);
  const Transcript got = support::read_poll(world_.session(session).received);
  EXPECT_EQ(got.error, "");
  EXPECT_THAT(got.events,
              ElementsAre(Event{"data", "a", 1, content}, Event{"data", "b", 1, content},
                          Event{"next_seq", "e", 1, ""}));
  // Who asks again, as clients do, gets the others.
  const auto again =
      subscribe({{"a", 2}, {"b", 2}, {"c", 1}, {"d", 1}, {"e", 1}}, Transport::kPoll);
  EXPECT_THAT(support::read_poll(world_.session(again).received).events,
              ElementsAre(Event{"data", "c", 1, content}, Event{"data", "d", 1, content}));
}

TEST_F(BundleTest, WhatComesToAPollThatIsFullWaitsForTheNext) {
  HubWorld world(support::hub_settings(), 2);
  const std::string far = world.name_at_home(1);
  const std::string near = world.name_at_home(0);
  const std::string content(1'100'000, 'x');
  const auto publish_near = [&world, &near](std::string_view text) {
    world.publish(near, text);
    while (world.end_turn()) {
    }
  };
  publish_near(content);
  const auto session = world.subscribe(world.request({{far, 1}, {near, 1}}, Transport::kPoll));
  while (world.end_turn()) {
  }
  publish_near("n2");
  world.settle();
  world.validate();
  EXPECT_THAT(support::read_poll(world.session(session).received).events,
              ElementsAre(Event{"data", near, 1, content}));
}

TEST_F(BundleTest, APollThatWaitsGetsTheFirstLiveMessage) {
  const auto session = subscribe({{"a", 1}, {"b", 1}}, Transport::kPoll);
  EXPECT_TRUE(world_.session(session).received.empty());
  world_.publish("b", "b1");
  world_.settle();
  const Transcript got = support::read_poll(world_.session(session).received);
  EXPECT_EQ(got.error, "");
  EXPECT_FALSE(got.array);
  EXPECT_THAT(got.events, ElementsAre(Event{"data", "b", 1, "b1"}));
}

TEST_F(BundleTest, APollWaitsForAllHomesAndKeepsWhatComesMeanwhile) {
  HubWorld world(support::hub_settings(), 2);
  const std::string far = world.name_at_home(1);
  const std::string near = world.name_at_home(0);
  const auto session = world.subscribe(world.request({{far, 1}, {near, 1}}, Transport::kPoll));
  world.publish(near, "n1");
  while (world.end_turn()) {
  }
  world.publish(near, "n2");
  while (world.end_turn()) {
  }
  world.validate();
  EXPECT_TRUE(world.session(session).received.empty());
  world.settle();
  const Transcript got = support::read_poll(world.session(session).received);
  EXPECT_EQ(got.error, "");
  EXPECT_THAT(got.events, ElementsAre(Event{"data", near, 1, "n1"}, Event{"data", near, 2, "n2"}));
}

TEST_F(BundleTest, AnIdlePollIsAnsweredByANoop) {
  const auto session = subscribe({{"a", 1}, {"b", 1}}, Transport::kPoll);
  world_.advance_ms(31'000);
  world_.settle();
  EXPECT_THAT(support::read_poll(world_.session(session).received).events,
              ElementsAre(Event{"noop", "a", 0, ""}));
}

TEST_F(BundleTest, ACloseAnswersAPoll) {
  const auto session = subscribe({{"a", 1}, {"b", 1}}, Transport::kPoll);
  world_.ask(Verb::kClose, "b");
  EXPECT_THAT(support::read_poll(world_.session(session).received).events,
              ElementsAre(Event{"close", "b", 1, ""}));
  EXPECT_EQ(world_.hub().subscribers(), 0u);
}

// --- WebSockets -------------------------------------------------------------------------------

TEST_F(BundleTest, AWebSocketOfOneChannelGetsFramesOnly) {
  publish("a", "a1");
  const auto session = subscribe({{"a", 1}}, Transport::kWebSocket);
  publish("a", "a2");
  EXPECT_THAT(events(session, Transport::kWebSocket),
              ElementsAre(Event{"data", "a", 1, "a1"}, Event{"data", "a", 2, "a2"}));
}

TEST_F(BundleTest, OperationsAreAnsweredAndThenTheChannelIsAsOnConnecting) {
  publish("b", "b1");
  publish("b", "b2");
  const auto session = subscribe({}, Transport::kWebSocket);
  world_.add_channel(session, {world_.named("b"), 2, {}, false});
  world_.add_channel(session, {world_.named("c"), 0, {}, false});
  world_.add_channel(session, {world_.named("b"), 2, {}, false});
  world_.settle();
  publish("c", "c1");
  world_.drop_channel(session, "b");
  world_.drop_channel(session, "b");
  publish("b", "unheard");
  EXPECT_THAT(
      events(session, Transport::kWebSocket),
      ElementsAre(Event{"subscribed", "b", 2, ""}, Event{"data", "b", 2, "b2"},
                  Event{"subscribed", "c", 1, ""}, Event{"next_seq", "c", 1, ""},
                  Event{"error", "b", 0, "already subscribed"}, Event{"data", "c", 1, "c1"},
                  Event{"unsubscribed", "b", 0, ""}, Event{"error", "b", 0, "not subscribed"}));
  EXPECT_EQ(world_.hub().subscribers(), 1u);
}

TEST_F(BundleTest, AWebSocketHasSoManyChannelsAtMost) {
  HubSettings settings = support::hub_settings();
  settings.max_channels_per_connection = 2;
  HubWorld world(settings);
  const auto session = world.subscribe(world.request({{"a", 1}}, Transport::kWebSocket));
  world.add_channel(session, {world.named("b"), 1, {}, false});
  world.add_channel(session, {world.named("c"), 1, {}, false});
  world.drop_channel(session, "a");
  world.add_channel(session, {world.named("c"), 1, {}, false});
  world.settle();
  EXPECT_THAT(
      support::read_endless(world.session(session).received, {Transport::kWebSocket, false}).events,
      ElementsAre(Event{"subscribed", "b", 1, ""}, Event{"error", "c", 0, "too many channels"},
                  Event{"unsubscribed", "a", 0, ""}, Event{"subscribed", "c", 1, ""}));
}

TEST_F(TokenBundleTest, AnOperationThatIsRefusedIsAnErrorAndNoMessage) {
  const auto session = subscribe({}, Transport::kWebSocket);
  world_.add_channel(session, {world_.named("a"), 1, {}, false});
  world_.settle();
  EXPECT_THAT(events(session, Transport::kWebSocket),
              ElementsAre(Event{"error", "a", 0, "Token error"}));
  EXPECT_TRUE(world_.session(session).listening);
}

TEST_F(BundleTest, AWebSocketStaysWithoutChannels) {
  const auto session = subscribe({{"a", 1}}, Transport::kWebSocket);
  world_.ask(Verb::kClose, "a");
  EXPECT_TRUE(world_.session(session).listening);
  EXPECT_THAT(events(session, Transport::kWebSocket), ElementsAre(Event{"close", "a", 1, ""}));
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

TEST_F(BundleTest, WithoutChannelsAWebSocketGetsOnlyPings) {
  const auto session = subscribe({}, Transport::kWebSocket);
  world_.advance_ms(30'500);
  world_.settle();
  EXPECT_THAT(events(session, Transport::kWebSocket), ElementsAre(Event{"ping", "", 0, ""}));
}

// --- Draining ---------------------------------------------------------------------------------

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

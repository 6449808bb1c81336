// Several channels on one connection: how they come and go, and what homes say of them.
#include <string>
#include <utility>
#include <vector>

#include "tests/comet/bundle_test.h"

namespace comet {
namespace {

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

// --- As many as there may be ------------------------------------------------------------------

TEST_F(BundleTest, AConnectionMayHaveAsManyChannelsAsAnySettingAllows) {
  HubSettings settings = support::hub_settings();
  settings.max_channels_per_connection = kChannelsPerConnectionMax;
  for (const Transport transport : {Transport::kStream, Transport::kSse, Transport::kWebSocket}) {
    HubWorld world(settings, 2);
    SubscribeRequest request = world.request({}, transport);
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < kChannelsPerConnectionMax; ++i) {
      names.push_back("channel-" + std::to_string(i));
      Subscription channel{world.named(names.back()), 1, {}, false};
      if (i == 0) {
        static_cast<Subscription&>(request) = std::move(channel);
      } else {
        request.more.push_back(std::move(channel));
      }
    }
    const auto session = world.subscribe(std::move(request));
    world.validate();
    world.settle();
    world.session(session).room = 0;
    for (const std::string& name : names) world.publish(name, "x");
    for (std::uint32_t i = 0; i < kChannelsPerConnectionMax + 1; ++i) {
      world.settle();
      world.grant(session, 20);
    }
    world.grant(session, support::kEverything);
    world.settle();
    world.validate();
    const bool chunked = transport != Transport::kWebSocket;
    const Transcript got =
        support::read_endless(world.session(session).received, {transport, chunked},
                              transport == Transport::kSse ? names : std::vector<std::string>());
    EXPECT_EQ(got.error, "");
    EXPECT_EQ(got.events.size(), kChannelsPerConnectionMax);
  }
}

}  // namespace
}  // namespace comet

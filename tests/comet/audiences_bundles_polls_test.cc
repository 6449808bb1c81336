// Polls of several channels: when they are answered, and with what.
#include <string>

#include "tests/comet/bundle_test.h"

namespace comet {
namespace {

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

TEST_F(TokenBundleTest, ARefusalAnswersAPoll) {
  const auto session = world_.subscribe(one_is_right(Transport::kPoll));
  world_.settle();
  const Transcript got = support::read_poll(world_.session(session).received);
  EXPECT_EQ(got.error, "");
  EXPECT_FALSE(got.array);
  EXPECT_THAT(got.events, ElementsAre(Event{"401", "a", 0, "Token error"}));
}

}  // namespace
}  // namespace comet

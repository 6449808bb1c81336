// A window that is full of what a core has not brought to its subscribers yet: the core catches up
// in slices, and its home takes no more until it has.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/hub_world.h"
#include "tests/support/transcript.h"

namespace comet {
namespace {

using support::HubWorld;
using Verb = Command::Verb;

constexpr std::uint32_t kWindow = 4;
constexpr Framing kStream{Transport::kStream, true};

class AudiencesWindowTest : public testing::TestWithParam<std::size_t> {
 protected:
  AudiencesWindowTest() : world_(settings(), GetParam()) {}
  ~AudiencesWindowTest() override { world_.validate(); }

  static HubSettings settings() {
    HubSettings settings = support::hub_settings();
    settings.backlog_messages_max = kWindow;
    return settings;
  }
  HubWorld world_;
  // The subscribers' core is the first, the channel's home the last.
  std::size_t home() const { return world_.cores() - 1; }
  const std::string name_ = world_.name_at_home(home());

  // Within a turn, with all that travels meanwhile.
  Outcome publish(std::string_view content = "x") {
    world_.publish(name_, content, home());
    deliver_mail();
    return world_.wire(home()).answers.back().outcome;
  }
  void fill_window() {
    for (std::uint32_t i = 0; i <= kWindow; ++i) ASSERT_EQ(publish(), Outcome::kOk);
  }
  void deliver_mail() {
    while (world_.mail() > 0) world_.deliver_nth(0);
  }
  std::uint32_t subscribe() {
    const auto session = world_.subscribe(name_, Transport::kStream, 1);
    world_.settle();
    return session;
  }
  std::vector<std::int64_t> numbers(std::uint32_t session) {
    std::vector<std::int64_t> numbers;
    const auto transcript = support::read_endless(world_.session(session).received, kStream);
    EXPECT_EQ(transcript.error, "");
    for (const auto& event : transcript.events) {
      if (event.type == "data") numbers.push_back(event.seq);
    }
    return numbers;
  }
};

using Numbers = std::vector<std::int64_t>;

TEST_P(AudiencesWindowTest, AFullWindowThatIsStillToBeSentHoldsPublishersUp) {
  const auto session = subscribe();
  fill_window();
  EXPECT_EQ(publish(), Outcome::kOverloaded);
  EXPECT_EQ(numbers(session), Numbers()) << "and nothing is sent before its turn comes";
  world_.settle();
  EXPECT_EQ(publish(), Outcome::kOk);
  world_.settle();
  EXPECT_EQ(numbers(session), (Numbers{1, 2, 3, 4, 5, 6}));
}

TEST_P(AudiencesWindowTest, OtherChannelsAreNotHeldUp) {
  subscribe();
  fill_window();
  const std::string other = name_ == "b" ? "c" : "b";
  EXPECT_EQ(world_.ask(Verb::kPublish, other, "x").outcome, Outcome::kOk);
}

TEST_P(AudiencesWindowTest, WhoTakesNothingIsCalledTooSlowWhenEverybodyHadTheChance) {
  const auto stuck = subscribe();
  world_.session(stuck).room = 0;
  const auto quick = subscribe();
  fill_window();
  EXPECT_FALSE(world_.session(stuck).ended.has_value());
  world_.settle();
  EXPECT_TRUE(world_.session(stuck).ended.has_value());
  EXPECT_EQ(numbers(quick), (Numbers{1, 2, 3, 4, 5}));
  EXPECT_EQ(publish(), Outcome::kOk);
}

TEST_P(AudiencesWindowTest, OneWhoIsBlockedHoldsUpNobody) {
  const auto stuck = subscribe();
  world_.session(stuck).room = 0;
  for (std::uint32_t i = 0; i < 3 * kWindow; ++i) {
    EXPECT_EQ(publish(), Outcome::kOk);
    world_.settle();
  }
  EXPECT_TRUE(world_.session(stuck).ended.has_value());
}

TEST_P(AudiencesWindowTest, WhatWasOnItsWayIsTakenAndBeyondTwiceTheWindowServedAtOnce) {
  if (world_.cores() == 1) GTEST_SKIP() << "nothing is on its way within a core";
  const auto session = subscribe();
  for (std::uint32_t i = 0; i <= 2 * kWindow; ++i) world_.publish(name_, "x", home());
  for (std::uint32_t i = 0; i < 2 * kWindow; ++i) world_.deliver(home(), 0);
  EXPECT_EQ(numbers(session), Numbers());
  world_.deliver(home(), 0);
  EXPECT_EQ(numbers(session), (Numbers{1, 2, 3, 4, 5, 6, 7, 8}));
  world_.settle();
  EXPECT_EQ(numbers(session).size(), 9u);
  EXPECT_EQ(publish(), Outcome::kOk);
}

TEST_P(AudiencesWindowTest, AChannelThatIsClosedMeanwhileBeginsWithRoom) {
  const auto session = subscribe();
  fill_window();
  EXPECT_EQ(world_.ask(Verb::kClose, name_, "", home()).outcome, Outcome::kOk);
  EXPECT_EQ(numbers(session), (Numbers{1, 2, 3, 4, 5}));
  subscribe();
  EXPECT_EQ(publish(), Outcome::kOk);
}

// All but the last two messages are nobody's any more.
TEST_P(AudiencesWindowTest, OneWhoIsSlowButFollowsHoldsUpNobody) {
  const auto slow = subscribe();
  const auto quick = subscribe();
  world_.session(slow).room = 0;
  for (int i = 0; i < 50; ++i) {
    const std::size_t two_ago = world_.session(quick).received.size();
    ASSERT_EQ(publish(), Outcome::kOk);
    ASSERT_EQ(publish(), Outcome::kOk) << "within the same turn";
    world_.settle();
    world_.grant(slow, two_ago - world_.session(slow).received.size());
    world_.settle();
  }
  EXPECT_FALSE(world_.session(slow).ended.has_value());
  EXPECT_EQ(numbers(slow).size(), 98u);
}

TEST_P(AudiencesWindowTest, OneWhoIsBlockedIsLappedBeforePublishersAreHeldUp) {
  const auto stuck = subscribe();
  world_.session(stuck).room = 0;
  const auto quick = subscribe();
  for (std::uint32_t i = 0; i < kWindow - 1; ++i) {
    ASSERT_EQ(publish(), Outcome::kOk);
    world_.settle();
  }
  ASSERT_FALSE(world_.session(stuck).ended.has_value());
  for (std::uint32_t i = 0; i < kWindow; ++i) ASSERT_EQ(publish(), Outcome::kOk);
  EXPECT_TRUE(world_.session(stuck).ended.has_value());
  world_.settle();
  EXPECT_EQ(numbers(quick), (Numbers{1, 2, 3, 4, 5, 6, 7}));
}

// One alone may be longer than the bound.
TEST_P(AudiencesWindowTest, LongMessagesHoldPublishersUpBeforeTheyAreSentAtOnce) {
  const auto session = subscribe();
  const std::string content(settings().backlog_bytes_max * 3, 'x');
  EXPECT_EQ(publish(content), Outcome::kOk);
  EXPECT_EQ(publish(content), Outcome::kOk);
  EXPECT_EQ(publish(content), Outcome::kOverloaded);
  EXPECT_EQ(numbers(session), Numbers());
  world_.settle();
  EXPECT_EQ(numbers(session), (Numbers{1, 2}));
}

TEST_P(AudiencesWindowTest, AWindowThatTheLastOfTheBlockedLeftIsEmpty) {
  subscribe();
  const std::uint64_t before = world_.hub().memory().buffers;
  const auto stuck = subscribe();
  world_.session(stuck).room = 0;
  fill_window();
  EXPECT_GT(world_.hub().memory().buffers, before);
  world_.settle();
  EXPECT_TRUE(world_.session(stuck).ended.has_value());
  EXPECT_EQ(world_.hub().memory().buffers, before);
}

// To close a connection takes as long as to send a message.
TEST_P(AudiencesWindowTest, ManyWhoAreTooSlowAreLetGoOfInSeveralTurnsAndHoldPublishersUp) {
  constexpr std::size_t kStuck = 300;
  std::vector<std::uint32_t> stuck;
  for (std::size_t i = 0; i < kStuck; ++i) {
    stuck.push_back(subscribe());
    world_.session(stuck.back()).room = 0;
  }
  const auto quick = subscribe();
  const auto let_go = [&] {
    return std::ranges::count_if(
        stuck, [&](std::uint32_t each) { return world_.session(each).ended.has_value(); });
  };
  for (std::uint32_t i = 0; i < kWindow; ++i) {
    ASSERT_EQ(publish(), Outcome::kOk);
    world_.settle();
  }
  ASSERT_EQ(let_go(), 0);
  int turns = 0;
  ASSERT_EQ(publish(), Outcome::kOk) << "the window has room for it";
  EXPECT_EQ(publish(), Outcome::kOverloaded);
  for (auto gone = let_go(); gone < static_cast<std::ptrdiff_t>(kStuck); ++turns) {
    EXPECT_LT(gone, static_cast<std::ptrdiff_t>(kStuck) * (turns + 1) / 2);
    world_.end_turn();
    ASSERT_GT(let_go(), gone);
    gone = let_go();
  }
  EXPECT_GE(turns, 2);
  world_.settle();
  EXPECT_EQ(publish(), Outcome::kOk);
  world_.settle();
  EXPECT_EQ(numbers(quick), (Numbers{1, 2, 3, 4, 5, 6}));
}

TEST(AudiencesWindow, WhileItHoldsPublishersUpAChannelDoesNotRest) {
  HubSettings settings = support::hub_settings();
  settings.backlog_messages_max = kWindow;
  settings.coalesce_us = 1000;
  HubWorld world(settings, 1);
  for (int i = 0; i < 100; ++i) world.subscribe("a");
  const auto publish = [&] { return world.ask(Verb::kPublish, "a", "x").outcome; };
  ASSERT_EQ(publish(), Outcome::kOk);
  while (world.end_turn()) {
  }
  for (std::uint32_t i = 0; i <= kWindow; ++i) {
    world.publish("a", "x");
    ASSERT_EQ(world.wire(0).answers.back().outcome, Outcome::kOk);
  }
  world.publish("a", "x");
  ASSERT_EQ(world.wire(0).answers.back().outcome, Outcome::kOverloaded);
  while (world.end_turn()) {
  }
  EXPECT_EQ(publish(), Outcome::kOk) << "at the same time";
  world.validate();
}

INSTANTIATE_TEST_SUITE_P(Cores, AudiencesWindowTest, testing::Values(1, 2));

}  // namespace
}  // namespace comet

// A window that is full of what a core has not brought to its subscribers yet: the core catches up
// in slices, and its home takes no more until it has.
#include <gtest/gtest.h>

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

class AudiencesSweepsTest : public testing::TestWithParam<std::size_t> {
 protected:
  AudiencesSweepsTest() : world_(settings(), GetParam()) {}
  ~AudiencesSweepsTest() override { world_.validate(); }

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

TEST_P(AudiencesSweepsTest, AFullWindowThatIsStillToBeSentHoldsPublishersUp) {
  const auto session = subscribe();
  fill_window();
  EXPECT_EQ(publish(), Outcome::kOverloaded);
  EXPECT_EQ(numbers(session), Numbers()) << "and nothing is sent before its turn comes";
  world_.settle();
  EXPECT_EQ(publish(), Outcome::kOk);
  world_.settle();
  EXPECT_EQ(numbers(session), (Numbers{1, 2, 3, 4, 5, 6}));
}

TEST_P(AudiencesSweepsTest, OtherChannelsAreNotHeldUp) {
  subscribe();
  fill_window();
  const std::string other = name_ == "b" ? "c" : "b";
  EXPECT_EQ(world_.ask(Verb::kPublish, other, "x").outcome, Outcome::kOk);
}

TEST_P(AudiencesSweepsTest, WhoTakesNothingIsCalledTooSlowWhenEverybodyHadTheChance) {
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

TEST_P(AudiencesSweepsTest, OneWhoIsBlockedHoldsUpNobody) {
  const auto stuck = subscribe();
  world_.session(stuck).room = 0;
  for (std::uint32_t i = 0; i < 3 * kWindow; ++i) {
    EXPECT_EQ(publish(), Outcome::kOk);
    world_.settle();
  }
  EXPECT_TRUE(world_.session(stuck).ended.has_value());
}

TEST_P(AudiencesSweepsTest, WhatWasOnItsWayIsTakenAndBeyondTwiceTheWindowServedAtOnce) {
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

TEST_P(AudiencesSweepsTest, AChannelThatIsClosedMeanwhileBeginsWithRoom) {
  const auto session = subscribe();
  fill_window();
  EXPECT_EQ(world_.ask(Verb::kClose, name_, "", home()).outcome, Outcome::kOk);
  EXPECT_EQ(numbers(session), (Numbers{1, 2, 3, 4, 5}));
  subscribe();
  EXPECT_EQ(publish(), Outcome::kOk);
}

// A core that copies megabytes to each of its subscribers has no time for anybody else meanwhile.
TEST_P(AudiencesSweepsTest, ATurnSendsFewerLongMessagesThanShortOnes) {
  Numbers served;
  for (const std::size_t size : {std::size_t{1}, std::size_t{64 * 1024}}) {
    const std::string name = size == 1 ? "short" : "long";
    std::vector<std::uint32_t> sessions;
    for (int i = 0; i < 100; ++i) sessions.push_back(world_.subscribe(name));
    world_.settle();
    world_.publish(name, std::string(size, 'x'));
    deliver_mail();
    world_.end_turn();
    served.push_back(0);
    for (const auto session : sessions) {
      if (!numbers(session).empty()) ++served.back();
    }
    world_.settle();
    for (const auto session : sessions) EXPECT_EQ(numbers(session), Numbers{1});
  }
  EXPECT_EQ(served[0], 100);
  EXPECT_GT(served[1], 0);
  EXPECT_LT(served[1], 50);
}

INSTANTIATE_TEST_SUITE_P(Cores, AudiencesSweepsTest, testing::Values(1, 2));

}  // namespace
}  // namespace comet

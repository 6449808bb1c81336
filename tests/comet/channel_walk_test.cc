// Records of a home's channels, taken while it goes on.
#include "comet/channel_walk.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/hub_world.h"
#include "tests/support/state_bytes.h"

namespace comet {
namespace {

using support::describe;
using Verb = Command::Verb;

constexpr ChannelWalk::Budget kNoLimit{1'000'000, 1 << 30};
constexpr reactor::Now kNow{1'000'000'000, 784'111'777};  // the world's time when it begins

// Of each of a record's runs the first number, and the one behind the last.
using Runs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
Runs runs_of(const ChannelRecord& record) {
  Runs runs;
  for (const auto& run : record.runs) runs.emplace_back(run.begin(), run.next());
  return runs;
}

class ChannelWalkTest : public testing::Test {
 protected:
  ~ChannelWalkTest() override { world_.validate(); }

  [[nodiscard]] const Home& home() { return world_.hub().home(); }
  std::vector<ChannelRecord> walk(ChannelWalk::Budget budget = kNoLimit) {
    ChannelWalk walk(home());
    std::vector<ChannelRecord> records;
    while (!walk.step(kNow, budget, records)) ++steps_;
    return records;
  }
  void publish(std::string_view name, int messages) {
    for (int i = 0; i < messages; ++i) world_.ask(Verb::kPublish, name, "x");
  }

  support::HubWorld world_{support::hub_settings()};  // keeps 10 messages of a channel
  int steps_ = 0;
};

TEST_F(ChannelWalkTest, ARecordSaysAllAboutItsChannel) {
  const Token token = world_.ask(Verb::kSign, "a", {}, 0, 100).token;
  publish("a", 12);
  const auto records = walk();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].name, "a");
  EXPECT_TRUE(records[0].token.equals_constant_time(token));
  EXPECT_EQ(records[0].next, 13u);
  EXPECT_FALSE(records[0].had_subscribers);
  EXPECT_EQ(records[0].expires_unix_ms, 784'111'877'000);
  EXPECT_EQ(runs_of(records[0]), (Runs{{3, 13}}));
}

TEST_F(ChannelWalkTest, SubscribersAreSeen) {
  world_.subscribe("a");
  EXPECT_TRUE(walk()[0].had_subscribers);
}

TEST_F(ChannelWalkTest, AChannelWithoutMessagesHasNoRuns) {
  world_.ask(Verb::kSign, "a");
  EXPECT_TRUE(walk()[0].runs.empty());
}

TEST_F(ChannelWalkTest, StepsOfAnySizeFindTheSame) {
  for (int i = 0; i < 20; ++i) publish("c" + std::to_string(i), i % 12);
  const std::string all = describe(walk());
  for (const std::size_t looks : {1u, 2u, 3u, 7u, 100u}) {
    EXPECT_EQ(describe(walk({looks, 1 << 30})), all) << looks;
  }
  steps_ = 0;
  EXPECT_EQ(describe(walk({1'000'000, 1})), all) << "a message of a byte at a time";
  EXPECT_GT(steps_, 50);
}

TEST_F(ChannelWalkTest, AChannelThatGoesOnIsTakenAsItIsInTheEnd) {
  publish("a", 8);
  ChannelWalk walk(home());
  std::vector<ChannelRecord> records;
  ASSERT_FALSE(walk.step(kNow, {4, 1 << 30}, records)) << "a look at the channel, three messages";
  publish("a", 5);
  ASSERT_TRUE(walk.step(kNow, kNoLimit, records));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].next, 14u);
  EXPECT_EQ(runs_of(records[0]), (Runs{{4, 14}}));
}

TEST_F(ChannelWalkTest, AChannelThatOvertookTheWalkIsTakenWithoutAGap) {
  publish("a", 8);
  ChannelWalk walk(home());
  std::vector<ChannelRecord> records;
  walk.step(kNow, {4, 1 << 30}, records);
  publish("a", 30);
  ASSERT_TRUE(walk.step(kNow, kNoLimit, records));
  EXPECT_EQ(runs_of(records[0]), (Runs{{29, 39}}));
}

TEST_F(ChannelWalkTest, WhatIsClearedMeanwhileIsNotSaved) {
  publish("a", 8);
  ChannelWalk walk(home());
  std::vector<ChannelRecord> records;
  walk.step(kNow, {4, 1 << 30}, records);
  world_.ask(Verb::kClear, "a");
  ASSERT_TRUE(walk.step(kNow, kNoLimit, records));
  EXPECT_TRUE(records[0].runs.empty());
  EXPECT_EQ(records[0].next, 9u);
}

TEST_F(ChannelWalkTest, AChannelThatIsClosedOrMadeAnewMeanwhileIsNotMixed) {
  publish("a", 8);
  {
    ChannelWalk walk(home());
    std::vector<ChannelRecord> records;
    walk.step(kNow, {4, 1 << 30}, records);
    world_.ask(Verb::kClose, "a");
    publish("b", 1);  // in its slot
    ASSERT_TRUE(walk.step(kNow, kNoLimit, records));
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].name, "b");
    EXPECT_EQ(records[0].messages(), 1u);
  }
  ChannelWalk walk(home());
  std::vector<ChannelRecord> records;
  walk.step(kNow, {1, 1 << 30}, records);
  world_.ask(Verb::kClose, "b");
  EXPECT_TRUE(walk.step(kNow, kNoLimit, records));
  EXPECT_TRUE(records.empty());
}

TEST_F(ChannelWalkTest, WhatACrashLeftIsSavedAgain) {
  Home& home = world_.hub().home();
  home.number_from(100);
  ASSERT_TRUE(home.restore(world_.named("a"), support::record_of("a", 9, {"x", "y"}), 1000));
  publish("a", 2);
  const auto records = walk({1, 1 << 30});
  EXPECT_EQ(runs_of(records[0]), (Runs{{7, 9}, {100, 102}}));
  EXPECT_EQ(records[0].next, 102u);
}

}  // namespace
}  // namespace comet

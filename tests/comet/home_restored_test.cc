// Channels that a home had before a restart, or before a crash.

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/comet/home_fixture.h"
#include "tests/support/state_bytes.h"

namespace comet {
namespace {

using namespace testing_home;

using RestoredHomeTest = HomeTest;

TEST_F(RestoredHomeTest, ARestoredChannelGoesOnWhereItWas) {
  ChannelRecord record = support::record_of("a", 43, {"x", "y"});
  record.token.bytes.fill(7);
  const Token token = record.token;
  ASSERT_TRUE(home_.restore({"a", 99}, std::move(record), 60'000));
  EXPECT_EQ(command(Verb::kPublish).seq, 43u);
  const Answer signed_again = command(Verb::kSign);
  EXPECT_EQ(signed_again.seq, 41u);
  EXPECT_TRUE(signed_again.token.equals_constant_time(token));
  join(1, 1, 42);
  EXPECT_EQ(latest<Joined>().replay.messages.begin(), 42u);
  EXPECT_EQ(latest<Joined>().replay.messages.next(), 44u);
  EXPECT_EQ(latest<Joined>().salvage, nullptr);
}

TEST_F(RestoredHomeTest, ARestoredChannelKeepsNoMoreThanTheBufferHolds) {
  ASSERT_TRUE(
      home_.restore({"a", 99}, support::record_of("a", 43, {"1", "2", "3", "4", "5"}), 60'000));
  EXPECT_EQ(command(Verb::kSign).seq, 40u);
}

TEST_F(RestoredHomeTest, ARestoredChannelIsForgottenInTime) {
  ASSERT_TRUE(home_.restore({"a", 99}, support::record_of("a", 43), 500));
  home_.begin_turn(1499);
  home_.expire(100);
  EXPECT_EQ(home_.channels(), 1u);
  home_.begin_turn(3000);
  home_.expire(100);
  EXPECT_EQ(home_.channels(), 0u);
}

TEST_F(RestoredHomeTest, NoMoreChannelsAreRestoredThanMayExist) {
  EXPECT_TRUE(home_.restore({"a", 1}, support::record_of("a", 2), 60'000));
  EXPECT_TRUE(home_.restore({"b", 2}, support::record_of("b", 2), 60'000));
  EXPECT_FALSE(home_.restore({"c", 3}, support::record_of("c", 2), 60'000));
  EXPECT_EQ(count_.load(), 2u);
}

TEST_F(RestoredHomeTest, OfAChannelThatIsRestoredTwiceTheLaterStays) {
  ASSERT_TRUE(home_.restore({"a", 99}, support::record_of("a", 5), 60'000));
  ASSERT_TRUE(home_.restore({"a", 99}, support::record_of("a", 3), 60'000));
  EXPECT_EQ(home_.channels(), 1u);
  EXPECT_EQ(command(Verb::kPublish).seq, 3u);
}

// --- After a crash ----------------------------------------------------------------------------

class HomeAfterACrashTest : public HomeTest {
 protected:
  HomeAfterACrashTest() {
    settings_.max_subscribers_per_channel = 100;
    home_.number_from(1000);
  }
};

TEST_F(HomeAfterACrashTest, NewChannelsBeginWhereNobodyHasBeen) {
  EXPECT_EQ(command(Verb::kPublish).seq, 1000u);
  EXPECT_EQ(command(Verb::kSign).seq, 1000u);
}

TEST_F(HomeAfterACrashTest, WhoWantsAnEarlierNumberIsToldOfTheGap) {
  ASSERT_TRUE(home_.restore({"a", 99}, support::record_of("a", 43, {"x", "y"}), 60'000));
  EXPECT_EQ(command(Verb::kPublish).seq, 1000u);
  const struct {
    std::int64_t wanted;
    std::uint32_t salvaged;
    std::uint64_t begin;
  } rows[] = {{-1, 2, 1000}, {1, 2, 1000},  {41, 2, 1000}, {42, 1, 1000},
              {43, 0, 1000}, {44, 0, 1000}, {999, 0, 1000}};
  for (const auto& row : rows) {
    join(1, 1, row.wanted);
    ASSERT_NE(latest<Joined>().salvage, nullptr) << row.wanted;
    EXPECT_EQ(latest<Joined>().salvage->messages(), row.salvaged) << row.wanted;
    EXPECT_EQ(latest<Joined>().replay.messages.begin(), row.begin) << row.wanted;
    EXPECT_FALSE(latest<Joined>().tell_next);
  }
}

TEST_F(HomeAfterACrashTest, WhoWantsALaterOneHearsOfNoGap) {
  command(Verb::kPublish);
  for (const std::int64_t wanted : {0, 1000, 1001, 1002}) {
    join(1, 1, wanted);
    EXPECT_EQ(latest<Joined>().salvage, nullptr) << wanted;
    EXPECT_EQ(latest<Joined>().tell_next, wanted == 0 || wanted == 1002) << wanted;
  }
}

TEST_F(HomeAfterACrashTest, WhatTheCrashLeftGoesFirst) {
  ASSERT_TRUE(home_.restore({"a", 99}, support::record_of("a", 43, {"x", "y"}), 60'000));
  for (const std::uint64_t oldest : {41u, 41u, 42u, 1000u, 1001u}) {
    EXPECT_EQ(command(Verb::kSign).seq, oldest);
    home_.validate();
    command(Verb::kPublish);
  }
}

TEST_F(HomeAfterACrashTest, ClearForgetsWhatTheCrashLeft) {
  ASSERT_TRUE(home_.restore({"a", 99}, support::record_of("a", 43, {"x", "y"}), 60'000));
  command(Verb::kClear);
  EXPECT_EQ(command(Verb::kSign).seq, 1000u);
}

}  // namespace
}  // namespace comet

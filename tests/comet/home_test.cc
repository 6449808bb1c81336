// A home alone: what it tells whom, in which order.
#include "comet/home.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/comet/home_fixture.h"

namespace comet {
namespace {

using namespace testing_home;

TEST_F(HomeTest, AJoinIsAnsweredWithWhatWasMissed) {
  for (int i = 0; i < 5; ++i) command(Verb::kPublish);
  EXPECT_TRUE(sent_.empty()) << "nobody listens";
  join(2, 11, 1);
  ASSERT_EQ(sent_.size(), 1u);
  EXPECT_EQ(sent_[0].first, 2u);
  const Joined& joined = latest<Joined>();
  EXPECT_EQ(joined.outcome, Outcome::kOk);
  EXPECT_EQ(joined.subscriber, (Ref{11, 1}));
  EXPECT_EQ(joined.audience, (Ref{7, 1}));
  EXPECT_FALSE(joined.tell_next);
  EXPECT_EQ(joined.replay.messages.begin(), 3u);
  EXPECT_EQ(joined.replay.messages.next(), 6u);
}

TEST_F(HomeTest, WhatSeqMeans) {
  for (int i = 0; i < 5; ++i) command(Verb::kPublish);
  settings_.max_subscribers_per_channel = 100;
  const struct {
    std::int64_t wanted;
    std::uint64_t begin;
    bool tell_next;
  } rows[] = {{0, 6, true},  {1, 3, false}, {3, 3, false},       {5, 5, false},
              {6, 6, false}, {7, 6, true},  {INT64_MAX, 6, true}};
  for (const auto& row : rows) {
    join(1, 1, row.wanted);
    EXPECT_EQ(latest<Joined>().replay.messages.begin(), row.begin) << row.wanted;
    EXPECT_EQ(latest<Joined>().replay.messages.next(), 6u) << row.wanted;
    EXPECT_EQ(latest<Joined>().tell_next, row.tell_next) << row.wanted;
  }
}

TEST_F(HomeTest, EachCoreWithSubscribersIsToldOnce) {
  settings_.max_subscribers_per_channel = 100;
  join(0, 1);
  join(2, 2);
  join(2, 3);
  sent_.clear();
  EXPECT_EQ(command(Verb::kPublish).seq, 1u);
  ASSERT_EQ(sent_.size(), 2u);
  EXPECT_EQ(sent_[0].first, 0u);
  EXPECT_EQ(sent_[1].first, 2u);
  EXPECT_EQ(latest<Deliver>().seq, 1u);
}

TEST_F(HomeTest, WhoLeftIsNotTold) {
  join(2, 1);
  join(2, 2);
  const Ref channel = latest<Joined>().channel;
  home_.leave(2, {channel, {7, 1}, 1});
  EXPECT_EQ(command(Verb::kInspect).subscribers, 1u);
  home_.leave(2, {channel, {7, 1}, 1});
  sent_.clear();
  command(Verb::kPublish);
  EXPECT_TRUE(sent_.empty());
}

TEST_F(HomeTest, ALeaveOfAForgottenChannelIsNothing) {
  join(2, 1);
  const Ref channel = latest<Joined>().channel;
  command(Verb::kClose);
  join(2, 2);
  home_.leave(2, {channel, {7, 1}, 1});
  EXPECT_EQ(command(Verb::kInspect).subscribers, 1u);
}

TEST_F(HomeTest, LimitsAreExact) {
  join(0, 1);
  join(1, 2);
  EXPECT_EQ(latest<Joined>().outcome, Outcome::kOk);
  join(1, 3);
  EXPECT_EQ(latest<Joined>().outcome, Outcome::kTooManySubscribers);
  count_ = 2;
  Command other;
  other.verb = Verb::kPublish;
  other.name = {"b", 1};
  other.message = MessageRef::make(Message::Type::kData, "x");
  EXPECT_EQ(home_.command(std::move(other)).outcome, Outcome::kTooManyChannels);
  count_ = 1;
}

TEST_F(HomeTest, NothingIsPublishedToACoreThatDoesNotKeepUp) {
  join(1, 1);
  congested_ = true;
  EXPECT_EQ(command(Verb::kPublish).outcome, Outcome::kOverloaded);
  congested_ = false;
  EXPECT_EQ(command(Verb::kPublish).seq, 1u);
}

TEST_F(HomeTest, AnswersNameTheirSession) { EXPECT_EQ(command(Verb::kSign).session, (Ref{5, 6})); }

TEST_F(HomeTest, ASmallerReplayBufferReachesChannelsThatNobodyPublishesToInSlices) {
  for (int i = 0; i < 3; ++i) command(Verb::kPublish);
  EXPECT_FALSE(home_.trim(1)) << "nothing was reconfigured";
  settings_.channel_buffer_size = 1;
  home_.reconfigured();
  home_.validate();
  EXPECT_TRUE(home_.trim(1));
  join(0, 1, 1);
  EXPECT_EQ(latest<Joined>().replay.messages.begin(), 3u);
  EXPECT_EQ(latest<Joined>().replay.messages.next(), 4u);
  EXPECT_FALSE(home_.trim(1'000'000));
  home_.validate();
}

TEST_F(HomeTest, APublishTrimsBeforeTheSliceGetsThere) {
  for (int i = 0; i < 3; ++i) command(Verb::kPublish);
  settings_.channel_buffer_size = 2;
  home_.reconfigured();
  command(Verb::kPublish);
  join(0, 1, 1);
  EXPECT_EQ(latest<Joined>().replay.messages.begin(), 3u);
}

TEST_F(HomeTest, ExpiryIsCutIntoBudgets) {
  settings_.max_channels = 100;
  for (std::uint64_t i = 0; i < 10; ++i) {
    Command sign;
    sign.verb = Verb::kSign;
    sign.name = {"c" + std::to_string(i), i};
    home_.command(std::move(sign));
  }
  home_.begin_turn(1000 + 61'000);
  EXPECT_TRUE(home_.expire(4));
  EXPECT_EQ(home_.channels(), 6u);
  EXPECT_FALSE(home_.expire(100));
  EXPECT_EQ(home_.channels(), 0u);
  EXPECT_EQ(count_.load(), 0u);
}

// --- Numbers -------------------------------------------------------------------------------------

TEST_F(HomeTest, NoNumberIsGivenOutFromTheCeilingOn) {
  home_.watch_numbers(2, 3);
  EXPECT_EQ(command(Verb::kPublish).outcome, Outcome::kOk);
  EXPECT_EQ(command(Verb::kPublish).outcome, Outcome::kOk);
  EXPECT_EQ(command(Verb::kPublish).outcome, Outcome::kNumbersShort);
  EXPECT_EQ(command(Verb::kInspect).seq, 3u) << "nothing has happened";
  EXPECT_EQ(home_.greatest_watched(), 2u);
  home_.watch_numbers(4, 5);
  const Answer answer = command(Verb::kPublish);
  EXPECT_EQ(answer.outcome, Outcome::kOk);
  EXPECT_EQ(answer.seq, 3u);
}

TEST_F(HomeTest, NumbersAreWatchedFromTheFirstOfThem) {
  home_.watch_numbers(3, 10);
  command(Verb::kPublish);
  command(Verb::kPublish);
  EXPECT_EQ(home_.greatest_watched(), 0u);
  command(Verb::kPublish);
  EXPECT_EQ(home_.greatest_watched(), 3u);
  command(Verb::kPublish);
  EXPECT_EQ(home_.greatest_watched(), 4u);
}

}  // namespace
}  // namespace comet

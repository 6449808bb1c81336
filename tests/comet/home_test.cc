// A home alone: what it tells whom, in which order.
#include "comet/home.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/support/state_bytes.h"

namespace comet {
namespace {

using Verb = Command::Verb;

class HomeTest : public testing::Test, private Outbox {
 protected:
  HomeTest() {
    settings_.cores = 3;
    settings_.max_channels = 2;
    settings_.max_subscribers_per_channel = 2;
    settings_.channel_buffer_size = 3;
    settings_.channel_timeout_ms = 60'000;
  }
  ~HomeTest() override { home_.validate(); }

  void join(std::size_t from, std::uint32_t subscriber, std::int64_t wanted = 0) {
    Join join;
    join.audience = {7, 1};
    join.subscriber = {subscriber, 1};
    join.name = {"a", 99};
    join.wanted = wanted;
    join.replay_bytes_max = 1'000'000;
    home_.join(from, std::move(join));
  }
  Answer command(Verb verb, std::string_view content = "x") {
    Command command;
    command.verb = verb;
    command.session = {5, 6};
    command.name = {"a", 99};
    command.message = MessageRef::make(Message::Type::kData, content);
    return home_.command(std::move(command));
  }
  // The latest message that was sent, as a T.
  template <class T>
  const T& latest() {
    return std::get<T>(sent_.back().second);
  }

  HubSettings settings_;
  ChannelCount count_{0};
  std::vector<std::pair<std::size_t, HubMessage>> sent_;
  bool congested_ = false;
  Home home_{settings_, count_, *this, 1000};

 private:
  void send(std::size_t core, HubMessage&& message) override {
    sent_.emplace_back(core, std::move(message));
  }
  [[nodiscard]] bool congested(std::size_t) const override { return congested_; }
};

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
  EXPECT_EQ(latest<Closed>().next, 1u);
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

// --- Restored channels ------------------------------------------------------------------------

TEST_F(HomeTest, ARestoredChannelGoesOnWhereItWas) {
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

TEST_F(HomeTest, ARestoredChannelKeepsNoMoreThanTheBufferHolds) {
  ASSERT_TRUE(
      home_.restore({"a", 99}, support::record_of("a", 43, {"1", "2", "3", "4", "5"}), 60'000));
  EXPECT_EQ(command(Verb::kSign).seq, 40u);
}

TEST_F(HomeTest, ARestoredChannelIsForgottenInTime) {
  ASSERT_TRUE(home_.restore({"a", 99}, support::record_of("a", 43), 500));
  home_.begin_turn(1499);
  home_.expire(100);
  EXPECT_EQ(home_.channels(), 1u);
  home_.begin_turn(3000);
  home_.expire(100);
  EXPECT_EQ(home_.channels(), 0u);
}

TEST_F(HomeTest, NoMoreChannelsAreRestoredThanMayExist) {
  EXPECT_TRUE(home_.restore({"a", 1}, support::record_of("a", 2), 60'000));
  EXPECT_TRUE(home_.restore({"b", 2}, support::record_of("b", 2), 60'000));
  EXPECT_FALSE(home_.restore({"c", 3}, support::record_of("c", 2), 60'000));
  EXPECT_EQ(count_.load(), 2u);
}

TEST_F(HomeTest, OfAChannelThatIsRestoredTwiceTheLaterStays) {
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

// --- Memory is short -----------------------------------------------------------------------------

TEST_F(HomeTest, WithoutMemoryNoChannelIsMade) {
  home_.memory_gate().look(1000, 1000);
  EXPECT_EQ(command(Verb::kPublish).outcome, Outcome::kMemoryFull);
  EXPECT_EQ(command(Verb::kSign).outcome, Outcome::kMemoryFull);
  join(0, 11);
  EXPECT_EQ(latest<Joined>().outcome, Outcome::kMemoryFull);
  EXPECT_EQ(home_.channels(), 0u);
  EXPECT_EQ(count_.load(), 0u);
  home_.memory_gate().look(1000, 900);
  EXPECT_EQ(command(Verb::kPublish).outcome, Outcome::kOk);
}

TEST_F(HomeTest, WithoutMemoryAChannelThatIsThereIsServed) {
  join(0, 11);
  home_.memory_gate().look(1000, 1000);
  EXPECT_EQ(command(Verb::kSign).outcome, Outcome::kOk);
  EXPECT_EQ(command(Verb::kClear).outcome, Outcome::kOk);
  home_.leave(0, {latest<Joined>().channel, {7, 1}, 1, 0});
  EXPECT_EQ(command(Verb::kClose).outcome, Outcome::kOk);
}

TEST_F(HomeTest, WithoutMemoryAMessageMustTakeThePlaceOfOneAsLong) {
  command(Verb::kPublish, "12");
  command(Verb::kPublish, "12");
  home_.memory_gate().look(1000, 1000);
  EXPECT_EQ(command(Verb::kPublish, "1").outcome, Outcome::kMemoryFull) << "there is room for it";
  home_.memory_gate().look(1000, 0);
  command(Verb::kPublish, "12");
  home_.memory_gate().look(1000, 1000);
  EXPECT_EQ(command(Verb::kPublish, "123").outcome, Outcome::kMemoryFull);
  const Answer answer = command(Verb::kPublish, "12");
  EXPECT_EQ(answer.outcome, Outcome::kOk);
  EXPECT_EQ(answer.seq, 4u);
  settings_.channel_buffer_size = 0;
  command(Verb::kClear);
  EXPECT_EQ(command(Verb::kPublish, "12345").outcome, Outcome::kOk) << "nothing is kept of it";
}

TEST_F(HomeTest, MessagesThatArriveInOneTurnCountAtOnce) {
  command(Verb::kPublish);
  home_.memory_gate().look(1000, 500);
  EXPECT_EQ(command(Verb::kPublish, std::string(600, 'x')).outcome, Outcome::kOk);
  EXPECT_EQ(command(Verb::kPublish).outcome, Outcome::kMemoryFull);
}

TEST_F(HomeTest, WithoutMemoryWhoHasSubscribedBeforeMayAgain) {
  command(Verb::kPublish);
  home_.memory_gate().look(1000, 1000);
  Join request;
  request.name = {"a", 99};
  request.wanted = 1;
  request.replay_bytes_max = 1'000'000;
  request.returns = true;
  home_.join(0, std::move(request));
  EXPECT_EQ(latest<Joined>().outcome, Outcome::kOk);
  join(0, 12);
  EXPECT_EQ(latest<Joined>().outcome, Outcome::kMemoryFull);
}

TEST_F(HomeTest, WithoutMemoryHistoryComesInSmallParts) {
  const std::string content(10'000, 'x');
  for (int i = 0; i < 3; ++i) command(Verb::kPublish, content);
  join(0, 11, 1);
  EXPECT_EQ(latest<Joined>().replay.messages.size(), 3u);
  home_.memory_gate().look(1000, 1000);
  Join request;
  request.name = {"a", 99};
  request.wanted = 1;
  request.replay_bytes_max = 1'000'000;
  request.returns = true;
  home_.join(0, std::move(request));
  EXPECT_EQ(latest<Joined>().replay.messages.size(), 2u);
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

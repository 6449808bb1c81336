// Walks through all channels of a home: slices that no turn exceeds, and what happens meanwhile.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "comet/home.h"
#include "tests/support/hub_world.h"

namespace comet {
namespace {

using Verb = Command::Verb;

class HomeWalks : public testing::Test, private Outbox {
 protected:
  HomeWalks() {
    settings_.max_channels = kChannels + 100;
    for (std::uint32_t i = 0; i < kChannels; ++i) command(Verb::kSign, name(i));
  }
  ~HomeWalks() override { home_.validate(); }

  static std::string name(std::uint32_t i) { return "c" + std::to_string(i); }
  Answer command(Verb verb, const std::string& name, std::string_view content = "x") {
    Command command;
    command.verb = verb;
    command.name = hash_.named(name);
    command.message = MessageRef::make(Message::Type::kData, content);
    return home_.command(std::move(command));
  }
  void broadcast(std::string_view content, std::uint32_t survey) {
    home_.begin_broadcast(0, {survey, 1}, MessageRef::make(Message::Type::kBroadcast, content));
  }
  void spread_all() {
    while (home_.spread(1000)) {
    }
  }
  // A core has a subscriber of the channel, and says whether it is behind with it.
  void join(const std::string& name) {
    Join join;
    join.name = hash_.named(name);
    join.audience = kAudience;
    home_.join(1, std::move(join));
  }
  void tell_pace(bool is_behind) { home_.keep_pace(1, {channel_, kAudience, is_behind}); }
  // How many of the channels have that many messages.
  std::map<std::uint64_t, std::uint32_t> by_messages() {
    std::map<std::uint64_t, std::uint32_t> counts;
    for (std::uint32_t i = 0; i < kChannels; ++i) {
      ++counts[home_.describe(hash_.named(name(i)))->messages];
    }
    return counts;
  }

  static constexpr Ref kAudience{7, 1};
  static constexpr std::uint32_t kChannels = 5000;
  static constexpr std::uint32_t kSlice = 1024;  // the first, which comes at once
  NameHash hash_{1, 2};
  HubSettings settings_ = support::hub_settings();
  ChannelCount count_{0};
  std::vector<std::uint32_t> replies_;  // surveys, in the order of the replies
  Ref channel_;                         // that was joined
  bool congested_ = false;
  Home home_{settings_, count_, *this, 1000};

 private:
  void send(std::size_t, HubMessage&& message) override {
    if (auto* reply = std::get_if<SurveyReply>(&message)) replies_.push_back(reply->survey.index);
    if (auto* joined = std::get_if<Joined>(&message)) channel_ = joined->channel;
  }
  [[nodiscard]] bool congested(std::size_t) const override { return congested_; }
};

TEST_F(HomeWalks, ABroadcastComesSliceBySliceAndIsAcknowledgedWhenAllHaveIt) {
  broadcast("b", 1);
  EXPECT_EQ(by_messages()[1], kSlice);
  EXPECT_TRUE(replies_.empty());
  EXPECT_TRUE(home_.spread(1000));
  EXPECT_EQ(by_messages()[1], kSlice + 1000);
  int turns = 2;
  while (home_.spread(1000)) ++turns;
  EXPECT_EQ(turns, 5);
  EXPECT_EQ(by_messages()[1], kChannels);
  EXPECT_EQ(replies_, std::vector<std::uint32_t>{1});
  EXPECT_FALSE(home_.spread(1000));
}

TEST_F(HomeWalks, BroadcastsComeToEachChannelInTheirOrder) {
  broadcast("1", 1);
  broadcast("2", 2);
  EXPECT_EQ(by_messages()[1], kSlice) << "the second begins when the first has ended";
  spread_all();
  EXPECT_EQ(by_messages()[2], kChannels);
  EXPECT_EQ(replies_, (std::vector<std::uint32_t>{1, 2}));
}

// What is acknowledged before the walk comes to a channel has the lower number there.
TEST_F(HomeWalks, AChannelNumbersWhatComesToItInThatOrder) {
  broadcast("b", 1);
  std::map<std::uint64_t, int> numbers;
  for (std::uint32_t i = 0; i < kChannels; ++i) ++numbers[command(Verb::kPublish, name(i)).seq];
  EXPECT_EQ(numbers[2], static_cast<int>(kSlice));
  EXPECT_EQ(numbers[1], static_cast<int>(kChannels - kSlice));
  spread_all();
  EXPECT_EQ(by_messages()[2], kChannels);
}

TEST_F(HomeWalks, ChannelsThatComeAndGoMeanwhileDoNotDisturbIt) {
  broadcast("b", 1);
  for (std::uint32_t i = 0; i < 50; ++i) command(Verb::kClose, name(i * 90));
  for (std::uint32_t i = 0; i < 50; ++i) command(Verb::kSign, name(i * 90));
  for (std::uint32_t i = 0; i < 50; ++i) command(Verb::kSign, "new" + std::to_string(i));
  spread_all();
  const auto counts = by_messages();
  EXPECT_GE(counts.at(1), kChannels - 50);
  EXPECT_EQ(counts.count(2), 0u);
}

TEST_F(HomeWalks, ABroadcastWaitsForACoreThatDoesNotKeepUp) {
  congested_ = true;
  broadcast("b", 1);
  EXPECT_FALSE(home_.spread(1000)) << "the loop may sleep";
  EXPECT_EQ(by_messages()[0], kChannels);
  EXPECT_EQ(home_.progress().broadcasts, 1u);
  congested_ = false;
  spread_all();
  EXPECT_EQ(by_messages()[1], kChannels);
}

TEST_F(HomeWalks, ABroadcastWaitsForACoreThatIsBehindWithAChannel) {
  join(name(2000));
  tell_pace(true);
  broadcast("b", 1);
  spread_all();
  EXPECT_TRUE(replies_.empty());
  EXPECT_EQ(home_.next_deadline_ms(), 1001u) << "for the core may be this one";
  tell_pace(false);
  spread_all();
  EXPECT_EQ(replies_.size(), 1u);
  EXPECT_EQ(by_messages()[1], kChannels);
}

TEST_F(HomeWalks, ABroadcastDoesNotWaitForeverForAChannel) {
  join(name(2000));
  tell_pace(true);
  broadcast("b", 1);
  spread_all();
  home_.begin_turn(3001);
  spread_all();
  EXPECT_EQ(replies_.size(), 1u);
  EXPECT_EQ(by_messages()[1], kChannels);
}

TEST_F(HomeWalks, ABroadcastWaitsForNumbersThatAreOnTheDisk) {
  command(Verb::kPublish, name(2000));
  home_.watch_numbers(2, 2);
  broadcast("b", 1);
  spread_all();
  EXPECT_TRUE(replies_.empty());
  EXPECT_EQ(home_.progress().broadcasts, 1u);
  EXPECT_GT(home_.next_deadline_ms(), 1001u) << "who writes to the disk wakes the core";
  home_.watch_numbers(10, 20);
  spread_all();
  EXPECT_EQ(replies_.size(), 1u);
  EXPECT_EQ(by_messages()[1], kChannels - 1);
  EXPECT_EQ(by_messages()[2], 1u);
}

TEST_F(HomeWalks, WhoBeginsToWatchIsToldInTimeWithoutALongTurn) {
  home_.watch_presence(0, PresenceEvents::kChannels);
  EXPECT_TRUE(home_.arm_announcements(1000));
  int turns = 1;
  while (home_.arm_announcements(1000)) ++turns;
  EXPECT_EQ(turns, 5);
  EXPECT_FALSE(home_.arm_announcements(1000));
}

}  // namespace
}  // namespace comet

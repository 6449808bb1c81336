// Batches at their home: slices, order, waiting for those who do not keep up.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "comet/home.h"
#include "tests/support/hub_world.h"

namespace comet {
namespace {

class HomePushesTest : public testing::Test, private Outbox {
 protected:
  // Entries are "name content".
  void push(const std::vector<std::pair<std::string, std::string>>& entries, std::uint32_t id = 0) {
    PushOrder order;
    order.session = {id, 0};
    for (const auto& [name, content] : entries) {
      order.channels.push_back(hash_.named(name));
      order.entries.push_back({static_cast<std::uint32_t>(order.channels.size() - 1),
                               MessageRef::make(Message::Type::kData, content)});
    }
    home_.begin_push(3, std::move(order));
  }
  void push_many(std::size_t count, const std::string& name = "a", std::uint32_t id = 0) {
    std::vector<std::pair<std::string, std::string>> entries;
    for (std::size_t i = 1; i <= count; ++i) entries.emplace_back(name, std::to_string(i));
    push(entries, id);
  }
  void join(const std::string& name) {
    Join join;
    join.audience = kAudience;
    join.subscriber = {2, 1};
    join.name = hash_.named(name);
    home_.join(kFar, std::move(join));
  }
  void advance_ms(std::uint64_t ms) { home_.begin_turn(now_ms_ += ms); }

  static constexpr std::size_t kFar = 2;
  static constexpr Ref kAudience{1, 1};

  HubSettings settings_ = [] {
    HubSettings settings = support::hub_settings();
    settings.cores = 4;
    settings.max_channels = 2;
    return settings;
  }();
  NameHash hash_{1, 2};
  ChannelCount channel_count_{0};
  std::uint64_t now_ms_ = 1'000'000;
  std::vector<std::string> delivered_;
  std::vector<PushReport> reports_;
  Ref joined_;  // the channel
  bool far_is_busy_ = false;
  Home home_{settings_, channel_count_, *this, now_ms_};

 private:
  void send(std::size_t core, HubMessage&& message) override {
    if (const auto* deliver = std::get_if<Deliver>(&message)) {
      EXPECT_EQ(core, kFar);
      delivered_.push_back(std::to_string(deliver->seq) + ":" +
                           std::string(deliver->message->content()));
    } else if (const auto* joined = std::get_if<Joined>(&message)) {
      joined_ = joined->channel;
    } else if (auto* report = std::get_if<PushReport>(&message)) {
      EXPECT_EQ(core, 3u);
      reports_.push_back(std::move(*report));
    }
  }
  [[nodiscard]] bool congested(std::size_t) const override { return false; }
  [[nodiscard]] bool has_backlog(std::size_t core) const override {
    return far_is_busy_ && core == kFar;
  }
};

TEST_F(HomePushesTest, MessagesGetTheirNumbersInTheOrderOfTheBatch) {
  join("a");
  push({{"a", "x"}, {"b", "y"}, {"a", "z"}}, 9);
  EXPECT_FALSE(home_.push(100));
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_EQ(reports_[0].session, (Ref{9, 0}));
  ASSERT_EQ(reports_[0].results.size(), 3u);
  EXPECT_EQ(reports_[0].results[0].seq, 1u);
  EXPECT_EQ(reports_[0].results[1].seq, 1u);
  EXPECT_EQ(reports_[0].results[2].seq, 2u);
  EXPECT_EQ(delivered_, (std::vector<std::string>{"1:x", "2:z"}));
  home_.validate();
}

TEST_F(HomePushesTest, AChannelTooManyFailsByItself) {
  push({{"a", "x"}, {"b", "x"}, {"c", "x"}, {"a", "y"}});
  EXPECT_FALSE(home_.push(100));
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_EQ(reports_[0].results[2].outcome, Outcome::kTooManyChannels);
  EXPECT_EQ(reports_[0].results[3].outcome, Outcome::kOk);
  EXPECT_EQ(reports_[0].results[3].seq, 2u);
}

TEST_F(HomePushesTest, ASliceIsAsLongAsItsBudgetAndTheNextGoesOn) {
  push_many(5, "a", 1);
  push_many(1, "b", 2);
  EXPECT_TRUE(home_.push(4));
  EXPECT_TRUE(reports_.empty());
  EXPECT_FALSE(home_.push(4));
  ASSERT_EQ(reports_.size(), 2u);
  EXPECT_EQ(reports_[0].results[4].seq, 5u);
  EXPECT_FALSE(home_.push(4)) << "nothing is left";
}

TEST_F(HomePushesTest, ABudgetThatIsJustEnoughLeavesNothing) {
  push_many(4);
  EXPECT_FALSE(home_.push(4));
  EXPECT_EQ(reports_.size(), 1u);
}

TEST_F(HomePushesTest, ABatchWaitsForACoreThatHasEnoughToDo) {
  join("a");
  push_many(3);
  far_is_busy_ = true;
  EXPECT_FALSE(home_.push(100));
  EXPECT_TRUE(delivered_.empty());
  EXPECT_EQ(home_.next_deadline_ms(), now_ms_ + 1) << "it must look again by itself";
  far_is_busy_ = false;
  advance_ms(1);
  EXPECT_FALSE(home_.push(100));
  EXPECT_EQ(delivered_.size(), 3u);
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_EQ(reports_[0].results[2].outcome, Outcome::kOk);
}

TEST_F(HomePushesTest, ABatchWaitsForACoreThatIsBehindWithTheChannel) {
  join("a");
  push_many(3);
  home_.keep_pace(kFar, {joined_, kAudience, true});
  EXPECT_FALSE(home_.push(100));
  EXPECT_TRUE(delivered_.empty());
  home_.keep_pace(kFar, {joined_, kAudience, false});
  advance_ms(1);
  EXPECT_FALSE(home_.push(100));
  EXPECT_EQ(delivered_.size(), 3u);
}

TEST_F(HomePushesTest, ItDoesNotWaitForever) {
  join("a");
  push_many(3, "a", 1);
  push_many(1, "b", 2);
  far_is_busy_ = true;
  EXPECT_FALSE(home_.push(1));
  advance_ms(1999);
  EXPECT_FALSE(home_.push(100));
  EXPECT_TRUE(reports_.empty());
  advance_ms(1);
  EXPECT_FALSE(home_.push(100));
  ASSERT_EQ(reports_.size(), 2u);
  for (const PushResult& result : reports_[0].results) {
    EXPECT_EQ(result.outcome, Outcome::kOverloaded);
  }
  EXPECT_EQ(reports_[1].results[0].outcome, Outcome::kOk) << "nobody far away hears of it";
}

TEST_F(HomePushesTest, ItDoesNotWaitForeverForACoreThatTakesALittleNowAndThen) {
  join("a");
  push_many(100, "a", 1);
  advance_ms(5000);
  push_many(1, "a", 2);
  for (int i = 0; i < 60 && reports_.empty(); ++i) {
    far_is_busy_ = false;
    home_.push(1);
    far_is_busy_ = true;
    advance_ms(1000);
    home_.push(100);
  }
  EXPECT_EQ(now_ms_, 1'000'000u + 10'000) << "since it came";
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_EQ(reports_[0].results[4].outcome, Outcome::kOk);
  for (std::size_t i = 5; i < 100; ++i) {
    EXPECT_EQ(reports_[0].results[i].outcome, Outcome::kOverloaded) << i;
  }
  advance_ms(2000);
  home_.push(100);
  ASSERT_EQ(reports_.size(), 2u) << "the next one has a patience of its own";
  EXPECT_EQ(reports_[1].results[0].outcome, Outcome::kOverloaded);
}

}  // namespace
}  // namespace comet

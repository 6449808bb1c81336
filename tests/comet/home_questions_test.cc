// Listing channels: slices that no turn exceeds, and pages over several homes.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "comet/home.h"
#include "tests/support/hub_world.h"

namespace comet {
namespace {

using support::HubWorld;

class Replies final : public Outbox {
 public:
  void send(std::size_t, HubMessage&& message) override {
    if (auto* reply = std::get_if<SurveyReply>(&message)) {
      pages.push_back(std::move(*std::get<std::unique_ptr<ChannelPage>>(reply->finding)));
    }
  }
  [[nodiscard]] bool congested(std::size_t) const override { return false; }

  std::vector<ChannelPage> pages;
};

HubSettings settings_for(std::uint32_t channels) {
  HubSettings settings = support::hub_settings();
  settings.max_channels = channels;
  return settings;
}

class ListingOfAHome : public testing::Test {
 protected:
  void create(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      Command command;
      command.verb = Command::Verb::kSign;
      command.name = hash_.named("c" + std::to_string(i));
      ASSERT_EQ(home_.command(std::move(command)).outcome, Outcome::kOk);
    }
  }

  static constexpr std::uint32_t kChannels = 100'000;
  NameHash hash_{1, 2};
  HubSettings settings_ = settings_for(kChannels);
  ChannelCount count_{0};
  Replies replies_;
  Home home_{settings_, count_, replies_, 1000};
};

TEST_F(ListingOfAHome, NoTurnLooksAtMoreThanItsBudget) {
  create(kChannels);
  home_.begin_listing(0, {1, 1}, {});
  constexpr std::size_t kBudget = 1024;
  std::size_t turns = 1;
  while (home_.list(kBudget)) {
    EXPECT_TRUE(replies_.pages.empty());
    ++turns;
  }
  ASSERT_EQ(replies_.pages.size(), 1u);
  EXPECT_EQ(replies_.pages[0].channels.size(), ListingQuery::kLimitDefault);
  EXPECT_TRUE(replies_.pages[0].more);
  // So many places for channels as there are chunks of them.
  EXPECT_EQ(turns, (kChannels + 255) / 256 * 256 / kBudget + 1);
  EXPECT_FALSE(home_.list(kBudget)) << "it is over";
}

TEST_F(ListingOfAHome, SeveralListingsShareATurnsBudget) {
  create(512);
  for (std::uint32_t i = 0; i < 3; ++i) home_.begin_listing(0, {i, 1}, {});
  EXPECT_TRUE(home_.list(700));
  EXPECT_EQ(replies_.pages.size(), 1u);
  EXPECT_TRUE(home_.list(700));
  EXPECT_EQ(replies_.pages.size(), 2u);
  EXPECT_FALSE(home_.list(700));
  EXPECT_EQ(replies_.pages.size(), 3u);
}

TEST_F(ListingOfAHome, WhereThereIsNoChannelThePageIsEmpty) {
  home_.begin_listing(0, {1, 1}, {});
  EXPECT_FALSE(home_.list(1));
  ASSERT_EQ(replies_.pages.size(), 1u);
  EXPECT_TRUE(replies_.pages[0].channels.empty());
  EXPECT_FALSE(replies_.pages[0].more);
}

class ListingOfCores : public testing::TestWithParam<std::size_t> {
 protected:
  ~ListingOfCores() override { world_.validate(); }

  ChannelPage page(ListingQuery query) {
    world_.hub(0).ask_cores({}, Survey::AboutChannels{query});
    world_.settle();
    std::vector<ChannelPage> pages;
    for (Finding& finding : world_.wire(0).findings) {
      pages.push_back(std::move(*std::get<std::unique_ptr<ChannelPage>>(finding)));
    }
    return merge_pages(std::move(pages), query.order, query.limit);
  }
  // All pages, one after the other; `between` happens between two of them.
  template <class Between>
  std::vector<std::string> all_names(ListingQuery query, Between&& between) {
    std::vector<std::string> names;
    for (;;) {
      const ChannelPage got = page(query);
      for (const ListedChannel& channel : got.channels) names.push_back(channel.place.name);
      if (!got.more) return names;
      query.after = got.channels.back().place;
      between();
    }
  }

  HubWorld world_{settings_for(10'000), GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Cores, ListingOfCores, testing::Values(1, 2, 4));

TEST_P(ListingOfCores, EveryChannelThatStaysIsListedExactlyOnceInOrder) {
  std::set<std::string> stays;
  for (int i = 0; i < 300; ++i) {
    stays.insert("stays-" + std::to_string(i));
    world_.publish("stays-" + std::to_string(i), "x");
    world_.publish("goes-" + std::to_string(i), "x");
  }
  world_.settle();
  ListingQuery query;
  query.limit = 7;
  int round = 0;
  std::vector<std::string> names = all_names(query, [&] {
    for (int i = 0; i < 5; ++i, ++round) {
      world_.command(Command::Verb::kClose, "goes-" + std::to_string(round % 300));
      world_.publish("comes-" + std::to_string(round), "x");
    }
    world_.settle();
  });
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size()) << "none twice";
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("stays-"); });
  EXPECT_EQ(std::set(names.begin(), names.end()), stays);
}

TEST_P(ListingOfCores, ThoseWithTheMostSubscribersComeFirst) {
  for (int i = 0; i < 20; ++i) {
    const std::string name = "c" + std::to_string(i);
    for (int n = 0; n <= i; ++n) {
      world_.subscribe(name, Transport::kStream, 1, static_cast<std::size_t>(n) % world_.cores());
    }
    world_.publish(name, "12345");
  }
  world_.settle();
  ListingQuery query;
  query.order = ChannelOrder::kSubscribers;
  query.limit = 3;
  const ChannelPage first = page(query);
  ASSERT_EQ(first.channels.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(first.channels[i].place.name, "c" + std::to_string(19 - i));
    EXPECT_EQ(first.channels[i].place.subscribers, 20 - i);
    EXPECT_EQ(first.channels[i].next_seq, 2u);
    EXPECT_EQ(first.channels[i].messages, 1u);
    EXPECT_EQ(first.channels[i].bytes, 5u);
  }
  EXPECT_EQ(all_names(query, [] {}).size(), 20u);
}

TEST_P(ListingOfCores, ThousandsOfChannelsTakeManyTurns) {
  for (int i = 0; i < 9000; ++i) world_.publish(std::to_string(i), "x");
  world_.settle();
  world_.hub(0).ask_cores({}, Survey::AboutChannels{});
  std::size_t turns = 0;
  while (world_.wire(0).findings.empty()) {
    ++turns;
    while (world_.mail() > 0) world_.deliver_nth(0);
    for (std::size_t core = 0; core < world_.cores(); ++core) world_.end_turn(core);
    ASSERT_LT(turns, 100u);
  }
  EXPECT_GT(turns, 9000 / 1024 / world_.cores());
}

}  // namespace
}  // namespace comet

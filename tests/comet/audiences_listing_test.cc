// Who the subscribers of a channel are, while they come and go.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/support/hub_world.h"

namespace comet {
namespace {

using support::HubWorld;

class AudiencesListingTest : public testing::Test {
 protected:
  static constexpr std::size_t kCores = 2;

  std::vector<SubscriberPage> page(std::size_t limit, SubscriberPlace after = {}) {
    world_.hub().ask_cores({}, Survey::AboutSubscribers{{world_.named("a"), limit, after}});
    world_.settle();
    std::vector<SubscriberPage> pages;
    for (Finding& finding : world_.wire().findings) {
      pages.push_back(std::move(*std::get<std::unique_ptr<SubscriberPage>>(finding)));
    }
    return pages;
  }
  // The addresses on one core, from its last seat down, `limit` at a time; `between` comes after
  // each page.
  template <class F>
  std::vector<std::string> all_on(std::uint32_t core, std::size_t limit, F&& between) {
    std::vector<std::string> addresses;
    std::uint32_t below = SubscriberPlace::kLastSeat;
    for (;;) {
      const SubscriberPage got = page(limit, {core, below})[core];
      EXPECT_LE(got.listed.size(), limit);
      for (const ListedSubscriber& one : got.listed) addresses.push_back(one.address);
      if (!got.next_seat) return addresses;
      below = *got.next_seat;
      between();
    }
  }

  HubWorld world_{support::hub_settings(), kCores};
};

TEST_F(AudiencesListingTest, EachCoreListsItsOwnAndTheHomeTheirNumber) {
  const auto far = world_.subscribe("a", Transport::kSse, 1, 1 - world_.home_of("a"));
  const auto near = world_.subscribe("a", Transport::kPoll, 1, world_.home_of("a"));
  world_.subscribe("a", Transport::kTail, 1, 0);
  world_.subscribe("b", Transport::kStream, 1, 0);
  world_.settle();
  const std::vector<SubscriberPage> pages = page(10);
  const SubscriberPage& home = pages[world_.home_of("a")];
  const SubscriberPage& other = pages[1 - world_.home_of("a")];
  EXPECT_EQ(home.all, 2u);
  EXPECT_EQ(other.all, std::nullopt);
  ASSERT_EQ(home.listed.size(), 1u) << "who only looks is no subscriber";
  EXPECT_EQ(home.listed[0].address, "peer-" + std::to_string(near));
  EXPECT_EQ(home.listed[0].transport, Transport::kPoll);
  EXPECT_EQ(home.listed[0].age_ms, near * 1000);
  ASSERT_EQ(other.listed.size(), 1u);
  EXPECT_EQ(other.listed[0].address, "peer-" + std::to_string(far));
  EXPECT_EQ(other.listed[0].transport, Transport::kSse);
}

TEST_F(AudiencesListingTest, AnUnknownChannelHasNobody) {
  for (const SubscriberPage& empty : page(10)) {
    EXPECT_EQ(empty.all, std::nullopt);
    EXPECT_TRUE(empty.listed.empty());
    EXPECT_FALSE(empty.next_seat);
  }
}

TEST_F(AudiencesListingTest, WhoStaysIsListedWhateverComesAndGoes) {
  std::vector<std::uint32_t> sessions;
  for (int i = 0; i < 40; ++i) sessions.push_back(world_.subscribe("a", Transport::kStream, 1, 1));
  world_.settle();
  std::size_t gone = 0;
  const auto addresses = all_on(1, 3, [&] {
    if (gone >= 12) return;
    world_.leave(sessions[gone * 3], 1);
    world_.subscribe("a", Transport::kStream, 1, 1);
    world_.settle();
    ++gone;
  });
  std::map<std::string, int> times;
  for (const std::string& address : addresses) ++times[address];
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    if (i % 3 == 0 && i / 3 < gone) continue;
    EXPECT_GE(times["peer-" + std::to_string(sessions[i])], 1) << i;
  }
}

TEST_F(AudiencesListingTest, WhileNobodyMovesEverybodyIsListedOnce) {
  for (int i = 0; i < 10; ++i) world_.subscribe("a", Transport::kStream, 1, 1);
  world_.settle();
  for (std::size_t limit = 1; limit <= 11; ++limit) {
    std::vector<std::string> addresses = all_on(1, limit, [] {});
    EXPECT_EQ(addresses.size(), 10u);
    std::ranges::sort(addresses);
    EXPECT_EQ(std::ranges::adjacent_find(addresses), addresses.end());
  }
}

TEST_F(AudiencesListingTest, ManyWhoOnlyLookDoNotMakeAPageLong) {
  constexpr int kMany = 4096;
  world_.subscribe("a", Transport::kStream, 1, 1);
  world_.settle();
  for (int i = 0; i < kMany; ++i) world_.subscribe("a", Transport::kTail, 1, 1);
  world_.settle();
  const SubscriberPage first = page(10)[1];
  EXPECT_TRUE(first.listed.empty());
  ASSERT_EQ(first.next_seat, 1u);
  EXPECT_EQ(page(10, {1, 1})[1].listed.size(), 1u);
}

TEST_F(AudiencesListingTest, AWebSocketIsAsOldAsItsConnection) {
  world_.subscribe("a", Transport::kWebSocket, 1, 1);
  world_.advance_ms(5000);
  world_.settle();
  const SubscriberPage got = page(10)[1];
  ASSERT_EQ(got.listed.size(), 1u);
  EXPECT_EQ(got.listed[0].transport, Transport::kWebSocket);
  EXPECT_EQ(got.listed[0].age_ms, 5000u);
}

}  // namespace
}  // namespace comet

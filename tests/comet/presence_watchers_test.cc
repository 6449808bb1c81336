#include "comet/presence_watchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace comet {
namespace {

using enum PresenceEvents;
using reactor::kNoIndex;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Ref kAnn{1, 1};
constexpr Ref kBob{2, 1};
constexpr Ref kCyd{3, 1};

std::vector<std::uint32_t> hearing(const PresenceWatchers& watchers, PresenceEvents event) {
  std::vector<std::uint32_t> hearing;
  watchers.for_each_audience(event, [&](std::uint32_t audience) { hearing.push_back(audience); });
  return hearing;
}

TEST(PresenceWatchers, NobodyHasAnAudienceUntilItIsKept) {
  PresenceWatchers watchers;
  EXPECT_EQ(watchers.audiences(), 0u);
  watchers.keep_audience(kSubscribers, 7);
  EXPECT_EQ(watchers.audience(kSubscribers), 7u);
  EXPECT_EQ(watchers.audience(kChannels), kNoIndex);
  EXPECT_EQ(watchers.audiences(), 1u);
  EXPECT_EQ(watchers.events_of(7), kSubscribers);
  watchers.keep_audience(kChannels, 0);
  EXPECT_EQ(watchers.events_of(0), kChannels);
  EXPECT_EQ(watchers.events_of(7), kSubscribers);
  EXPECT_EQ(watchers.audiences(), 2u);
}

TEST(PresenceWatchers, WhoHearsOfSubscribersHearsOfChannelsToo) {
  PresenceWatchers watchers;
  EXPECT_THAT(hearing(watchers, kChannels), IsEmpty());
  watchers.keep_audience(kSubscribers, 7);
  EXPECT_THAT(hearing(watchers, kChannels), ElementsAre(7u));
  watchers.keep_audience(kChannels, 4);
  EXPECT_THAT(hearing(watchers, kChannels), ElementsAre(4u, 7u));
  EXPECT_THAT(hearing(watchers, kSubscribers), ElementsAre(7u));
}

TEST(PresenceWatchers, AreCountedFromTheirComingToTheirGoing) {
  PresenceWatchers watchers;
  watchers.came(kChannels, kAnn);
  watchers.came(kChannels, kBob);
  watchers.came(kSubscribers, kCyd);
  watchers.let_in(kAnn);
  EXPECT_EQ(watchers.count(), 3u);
  watchers.left(kChannels);
  EXPECT_TRUE(watchers.are_there(kChannels));
  watchers.left(kChannels);
  EXPECT_FALSE(watchers.are_there(kChannels));
  EXPECT_TRUE(watchers.are_there(kSubscribers));
  EXPECT_EQ(watchers.count(), 1u);
  watchers.left(kSubscribers);
  EXPECT_FALSE(watchers.are_there(kSubscribers));
  EXPECT_EQ(watchers.count(), 0u);
}

TEST(PresenceWatchers, JoinUntilTheyAreLetInOrTaken) {
  PresenceWatchers watchers;
  watchers.came(kChannels, kAnn);
  watchers.came(kSubscribers, kBob);
  watchers.came(kChannels, kCyd);
  watchers.let_in(kBob);
  EXPECT_THAT(watchers.take_joining(), ElementsAre(kAnn, kCyd));
  EXPECT_THAT(watchers.take_joining(), IsEmpty());
  EXPECT_EQ(watchers.count(), 3u) << "they are there until they leave";
}

}  // namespace
}  // namespace comet

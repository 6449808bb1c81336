#include "comet/drain_walk.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace comet {
namespace {

constexpr std::uint64_t kStart = 5'000'000;

std::vector<std::uint32_t> due(DrainWalk& walk, std::uint64_t now_us) {
  std::vector<std::uint32_t> places;
  while (const auto place = walk.next(now_us)) places.push_back(*place);
  return places;
}

TEST(DrainWalk, EveryPlaceIsVisitedOnce) {
  for (const std::uint32_t places : {0u, 1u, 2u, 3u, 255u, 256u, 257u, 100'000u}) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      DrainWalk walk(places, kStart, 0, seed);
      std::vector<std::uint32_t> visited = due(walk, kStart);
      EXPECT_TRUE(walk.is_over());
      std::ranges::sort(visited);
      std::vector<std::uint32_t> all(places);
      std::iota(all.begin(), all.end(), 0u);
      EXPECT_EQ(visited, all) << places;
    }
  }
}

TEST(DrainWalk, PlacesFallDueEvenlyOverTheTime) {
  constexpr std::uint32_t kPlaces = 1000;
  DrainWalk walk(kPlaces, kStart, 10'000'000, 7);
  std::size_t visited = due(walk, kStart).size();
  EXPECT_EQ(visited, 1u);
  for (std::uint64_t tenth = 1; tenth <= 10; ++tenth) {
    EXPECT_FALSE(walk.is_over());
    visited += due(walk, kStart + tenth * 1'000'000 - 1).size();
    EXPECT_EQ(visited, tenth * kPlaces / 10) << tenth;
  }
  EXPECT_TRUE(walk.is_over());
}

TEST(DrainWalk, ALateVisitorCatchesUp) {
  DrainWalk walk(100, kStart, 1'000'000, 7);
  EXPECT_EQ(due(walk, kStart + 500'000).size(), 51u);
  EXPECT_EQ(due(walk, kStart + 100'000'000).size(), 49u);
}

TEST(DrainWalk, TheOrderIsOfTheSeed) {
  const auto order = [](std::uint64_t seed) {
    DrainWalk walk(1000, kStart, 0, seed);
    return due(walk, kStart);
  };
  EXPECT_EQ(order(1), order(1));
  EXPECT_NE(order(1), order(2));
  EXPECT_FALSE(std::ranges::is_sorted(order(1)));
}

TEST(DrainWalk, TheLargestTableAndTheLongestTimeDoNotOverflow) {
  constexpr std::uint32_t kPlaces = 0xffffffff;
  constexpr std::uint64_t kHourUs = 3'600'000'000;
  DrainWalk walk(kPlaces, kStart, kHourUs, 1);
  EXPECT_TRUE(walk.next(kStart));
  EXPECT_TRUE(walk.next(kStart + kHourUs - 1));
  EXPECT_FALSE(DrainWalk(kPlaces, kStart, kHourUs, 1).is_over());
}

TEST(DrainWalk, JitterStaysWithinItsBounds) {
  DrainWalk walk(1, kStart, 0, 1);
  std::uint32_t least = 100;
  std::uint32_t most = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::uint32_t value = walk.jitter(10, 20);
    least = std::min(least, value);
    most = std::max(most, value);
  }
  EXPECT_EQ(least, 10u);
  EXPECT_EQ(most, 20u);
}

}  // namespace
}  // namespace comet

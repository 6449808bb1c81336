#include "reactor/random.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include <gtest/gtest.h>

namespace reactor {
namespace {

TEST(Random, FillsEveryByteAndNoneBeside) {
  // A byte that is never written would stay zero in all of 64 rounds.
  std::array<std::uint8_t, 66> bytes{};
  std::array<std::uint8_t, 64> ever{};
  for (int round = 0; round < 64; ++round) {
    fill_random(std::span(bytes).subspan(1, 64));
    for (std::size_t i = 0; i < ever.size(); ++i) {
      ever[i] = static_cast<std::uint8_t>(ever[i] | bytes[i + 1]);
    }
    ASSERT_EQ(bytes.front(), 0);
    ASSERT_EQ(bytes.back(), 0);
  }
  EXPECT_TRUE(std::ranges::all_of(ever, [](std::uint8_t byte) { return byte != 0; }));
}

TEST(Random, TwoDrawsDiffer) {
  std::set<std::array<std::uint8_t, 16>> seen;
  for (int i = 0; i < 1000; ++i) {
    std::array<std::uint8_t, 16> bytes{};
    fill_random(bytes);
    EXPECT_TRUE(seen.insert(bytes).second);
  }
}

TEST(Random, NothingToFillIsFine) { fill_random({}); }

TEST(Random, FillsMoreThanOneCallGives) {
  // getrandom(2) may stop early beyond 256 bytes; a gap of zeros this long has no other cause.
  std::vector<std::uint8_t> bytes(1 << 20);
  fill_random(bytes);
  const std::array<std::uint8_t, 16> zeros{};
  EXPECT_TRUE(std::ranges::search(bytes, zeros).empty());
}

}  // namespace
}  // namespace reactor

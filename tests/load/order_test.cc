#include "bench/load/order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

namespace load {
namespace {

// What one subscriber that waits for 1 makes of numbers.
struct Outcome {
  std::uint64_t late = 0;
  std::uint64_t repeated = 0;
  std::uint64_t missing = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome outcome_of(const std::vector<std::uint64_t>& numbers, std::uint64_t end) {
  OrderChecker checker;
  std::uint64_t next = 1;
  Outcome outcome;
  for (const std::uint64_t number : numbers) {
    const Arrival arrival = checker.arrived(0, next, number);
    outcome.late += arrival == Arrival::kLate ? 1 : 0;
    outcome.repeated += arrival == Arrival::kRepeated ? 1 : 0;
  }
  outcome.missing = checker.missing(0, next, end);
  return outcome;
}

TEST(Order, AllInTurnIsFaultless) { EXPECT_EQ(outcome_of({1, 2, 3, 4}, 5), Outcome{}); }

TEST(Order, LossIsFoundInTheMiddleAndAtBothEnds) {
  EXPECT_EQ(outcome_of({1, 2, 4}, 5), (Outcome{0, 0, 1}));
  EXPECT_EQ(outcome_of({2, 3, 4}, 5), (Outcome{0, 0, 1}));
  EXPECT_EQ(outcome_of({1, 2, 3}, 5), (Outcome{0, 0, 1}));
  EXPECT_EQ(outcome_of({}, 5), (Outcome{0, 0, 4}));
  EXPECT_EQ(outcome_of({2, 5, 9}, 12), (Outcome{0, 0, 8}));
}

TEST(Order, RepetitionIsFound) {
  EXPECT_EQ(outcome_of({1, 1, 2, 3, 4}, 5), (Outcome{0, 1, 0}));
  EXPECT_EQ(outcome_of({1, 2, 3, 4, 1}, 5), (Outcome{0, 1, 0}));
  EXPECT_EQ(outcome_of({1, 4, 4, 1}, 5), (Outcome{0, 2, 2}));
}

TEST(Order, ASwapIsOneMessageThatCameLate) {
  EXPECT_EQ(outcome_of({1, 3, 2, 4}, 5), (Outcome{1, 0, 0}));
  EXPECT_EQ(outcome_of({1, 3, 2, 2, 4}, 5), (Outcome{1, 1, 0}));
}

TEST(Order, AGapIsFilledFromBothSidesAndTheMiddle) {
  EXPECT_EQ(outcome_of({6, 1, 5, 3}, 7), (Outcome{3, 0, 2}));
  EXPECT_EQ(outcome_of({6, 1, 5, 3, 2, 4}, 7), (Outcome{5, 0, 0}));
  EXPECT_EQ(outcome_of({6, 3, 3, 2, 4, 4}, 7), (Outcome{3, 2, 2}));
}

TEST(Order, WhatIsBeyondTheEndIsNotMissed) {
  EXPECT_EQ(outcome_of({1, 9}, 5), (Outcome{0, 0, 3}));
  EXPECT_EQ(outcome_of({1, 2, 3, 4, 5, 6}, 3), Outcome{});
}

TEST(Order, SubscribersDoNotMix) {
  OrderChecker checker;
  std::uint64_t one = 1;
  std::uint64_t other = 1;
  checker.arrived(1, one, 3);
  EXPECT_EQ(checker.arrived(2, other, 1), Arrival::kInOrder);
  EXPECT_EQ(checker.arrived(2, other, 1), Arrival::kRepeated);
  EXPECT_EQ(checker.missing(1, one, 4), 2u);
  EXPECT_EQ(checker.missing(2, other, 4), 2u);
}

TEST(Order, AgreesWithASetOnWhateverComes) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::uint64_t> numbers;
    for (int i = 0; i < 30; ++i) numbers.push_back(1 + random() % 20);
    std::set<std::uint64_t> seen;
    Outcome wanted;
    std::uint64_t newest = 0;
    for (const std::uint64_t number : numbers) {
      if (!seen.insert(number).second) {
        ++wanted.repeated;
      } else if (number < newest) {
        ++wanted.late;
      }
      newest = std::max(newest, number);
    }
    wanted.missing = 20 - seen.size();
    EXPECT_EQ(outcome_of(numbers, 21), wanted) << "round " << round;
  }
}

}  // namespace
}  // namespace load

// Thousands of simulated lives of a server, and proof that they would show its faults.
#include <gtest/gtest.h>

#include <cstdlib>
#include <ostream>

#include "tests/simulation/runner.h"
#include "tests/support/sanitized.h"

namespace simulation {

void PrintTo(const FaultRow& row, std::ostream* out) { *out << row.name; }

namespace {

// Under the sanitizers a run takes ten to thirty times as long.
constexpr std::uint64_t kSeeds = support::kSanitized ? 400 : 12'000;

TEST(Simulation, NobodySeesAGapOrARepeatOrAWrongOrder) {
  const auto failing = find_failure({1, kSeeds}, Fault::kNone, 1);
  if (failing) FAIL() << report(*failing, Fault::kNone);
}

TEST(Simulation, IsTheSameEachTime) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Outcome first = run_seed(seed, Fault::kNone, Journal::kOn);
    EXPECT_FALSE(first.failed) << first.said;
    EXPECT_EQ(first.said, run_seed(seed, Fault::kNone, Journal::kOn).said);
  }
}

class PlantedFault : public testing::TestWithParam<FaultRow> {};

TEST_P(PlantedFault, IsFound) {
  const auto failing = find_failure({1, kSeeds}, GetParam().fault, 1);
  ASSERT_TRUE(failing) << "nobody noticed that " << GetParam().does;
  const Outcome outcome = run_seed(*failing, GetParam().fault, Journal::kOff);
  EXPECT_TRUE(outcome.failed && !outcome.stopped) << outcome.said;
  RecordProperty("seed", std::to_string(*failing));
}

INSTANTIATE_TEST_SUITE_P(Each, PlantedFault, testing::ValuesIn(faults().begin(), faults().end()),
                         [](const testing::TestParamInfo<FaultRow>& row) {
                           std::string name;
                           for (const char c : row.param.name) {
                             if (std::isalnum(static_cast<unsigned char>(c))) name += c;
                           }
                           return name;
                         });

TEST(Shrink, LeavesAScriptThatStillFailsAndIsShort) {
  const auto failing = find_failure({1, kSeeds}, Fault::kLostMessage, 1);
  ASSERT_TRUE(failing);
  const Plan whole = plan(*failing);
  const Plan shorter = shrink(whole, Fault::kLostMessage, 0);
  EXPECT_LT(shorter.script.size(), whole.script.size());
  EXPECT_LT(shorter.script.size(), 30u);
}

}  // namespace
}  // namespace simulation

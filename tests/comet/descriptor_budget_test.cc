#include "comet/descriptor_budget.h"

#include <gtest/gtest.h>

namespace comet {
namespace {

// Two cores with two listeners each: 5 + 2 x (3 + 2) of their own, 2 x 16 for refusals.
constexpr std::uint64_t kKept = 5 + 2 * 5 + 2 * 16 + 64;

TEST(DescriptorBudget, TheFrontPortGetsWhatIsLeft) {
  const auto budget = DescriptorBudget::make(1024, Config{}, 2, 2);
  ASSERT_TRUE(budget.ok());
  EXPECT_EQ(budget->limit, 1024u);
  EXPECT_EQ(budget->own, 15u);
  EXPECT_EQ(budget->refusals, 32u);
  EXPECT_EQ(budget->reserved, 64u);
  EXPECT_EQ(budget->front, 1024u - kKept);
}

TEST(DescriptorBudget, AStateThatIsKeptTakesFour) {
  Config config;
  config.state_file = "/var/lib/comet/state";
  const auto budget = DescriptorBudget::make(1024, config, 2, 2);
  ASSERT_TRUE(budget.ok());
  EXPECT_EQ(budget->own, 19u);
  EXPECT_EQ(budget->front, 1024u - kKept - 4);
}

TEST(DescriptorBudget, NothingLeftIsAnError) {
  for (const std::uint64_t limit : {std::uint64_t{1}, kKept - 1, kKept}) {
    const auto budget = DescriptorBudget::make(limit, Config{}, 2, 2);
    ASSERT_FALSE(budget.ok()) << limit;
    EXPECT_NE(budget.error().find(std::to_string(limit)), std::string::npos) << budget.error();
  }
  const auto budget = DescriptorBudget::make(kKept + 1, Config{}, 2, 2);
  ASSERT_TRUE(budget.ok());
  EXPECT_EQ(budget->front, 1u);
}

}  // namespace
}  // namespace comet

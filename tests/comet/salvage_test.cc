// What a crash left of a channel's messages.
#include "comet/salvage.h"

#include <gtest/gtest.h>

#include <utility>

namespace comet {
namespace {

History run(std::uint64_t first, std::uint64_t next) {
  History history(first);
  for (std::uint64_t seq = first; seq < next; ++seq) {
    history.append(MessageRef::make(Message::Type::kData, std::to_string(seq)));
  }
  return history;
}

Salvage two_runs() {
  Salvage salvage;
  salvage.append(run(5, 8));
  salvage.append(run(100, 102));
  return salvage;
}

TEST(Salvage, CountsTheMessagesOfAllRuns) {
  const Salvage salvage = two_runs();
  EXPECT_FALSE(salvage.empty());
  EXPECT_EQ(salvage.messages(), 5u);
  EXPECT_EQ(salvage.begin(), 5u);
}

TEST(Salvage, AnEmptyRunIsNothing) {
  Salvage salvage;
  salvage.append(History(7));
  EXPECT_TRUE(salvage.empty());
  EXPECT_EQ(salvage.messages(), 0u);
}

TEST(Salvage, TheOldestGoFirstAcrossRuns) {
  Salvage salvage = two_runs();
  for (const std::uint64_t begin : {6u, 7u, 100u, 101u}) {
    salvage.drop_oldest();
    EXPECT_EQ(salvage.begin(), begin);
  }
  salvage.drop_oldest();
  EXPECT_TRUE(salvage.empty());
  EXPECT_EQ(salvage.messages(), 0u);
}

TEST(Salvage, ACopyBeginsAtTheWantedNumberOrBehindTheGapAroundIt) {
  const struct {
    std::uint64_t from;
    std::uint32_t messages;
    std::uint64_t begin;
  } rows[] = {{1, 5, 5},    {5, 5, 5},     {7, 3, 7},    {8, 2, 100},
              {99, 2, 100}, {100, 2, 100}, {101, 1, 101}};
  for (const auto& row : rows) {
    const Salvage copy = two_runs().copy_from(row.from);
    EXPECT_EQ(copy.messages(), row.messages) << row.from;
    EXPECT_EQ(copy.begin(), row.begin) << row.from;
    EXPECT_EQ(copy.runs().front().at(row.begin)->content(), std::to_string(row.begin));
  }
  EXPECT_TRUE(two_runs().copy_from(102).empty());
}

}  // namespace
}  // namespace comet

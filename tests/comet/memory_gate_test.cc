#include "comet/memory_gate.h"

#include <gtest/gtest.h>

namespace comet {
namespace {

TEST(MemoryGate, WithoutABudgetItIsNeverShut) {
  MemoryGate gate;
  EXPECT_FALSE(gate.is_shut());
  gate.look(0, 1'000'000'000'000);
  gate.add(1'000'000'000'000);
  EXPECT_FALSE(gate.is_shut());
  EXPECT_EQ(gate.state(), MemoryState::kAmple);
}

TEST(MemoryGate, IsShutFromTheBudgetOn) {
  for (const std::uint64_t used : {1599u, 1600u, 1601u}) {
    MemoryGate gate;
    gate.look(1600, used);
    EXPECT_EQ(gate.is_shut(), used >= 1600) << used;
  }
}

TEST(MemoryGate, OpensAgainWhenASixteenthIsFree) {
  MemoryGate gate;
  gate.look(1600, 1600);
  gate.look(1600, 1500);
  EXPECT_TRUE(gate.is_shut());
  EXPECT_EQ(gate.state(), MemoryState::kShort);
  gate.look(1600, 1499);
  EXPECT_FALSE(gate.is_shut());
  gate.look(1600, 1599);
  EXPECT_FALSE(gate.is_shut()) << "it is shut at the budget";
}

TEST(MemoryGate, CountsWhatIsTakenWithinATurn) {
  MemoryGate gate;
  gate.look(1000, 900);
  gate.add(99);
  EXPECT_FALSE(gate.is_shut());
  gate.add(1);
  EXPECT_TRUE(gate.is_shut());
  EXPECT_EQ(gate.state(), MemoryState::kAmple) << "as it was at the top of the turn";
  gate.add(-10);
  EXPECT_FALSE(gate.is_shut());
}

TEST(MemoryGate, ABudgetThatIsTakenAwayOpensIt) {
  MemoryGate gate;
  gate.look(1000, 2000);
  gate.look(0, 2000);
  EXPECT_FALSE(gate.is_shut());
  gate.look(3000, 2000);
  EXPECT_FALSE(gate.is_shut());
}

TEST(MemoryBoard, ShowsTheOthersOfWhichEnoughHasChanged) {
  MemoryBoard board(3);
  board.tell(0, 1'000'000);
  board.tell(2, 500'000);
  EXPECT_EQ(board.all_but(0), 500'000u);
  EXPECT_EQ(board.all_but(1), 1'500'000u);
  board.tell(2, 500'000 + MemoryBoard::kWorthTelling - 1);
  EXPECT_EQ(board.all_but(0), 500'000u);
  board.tell(2, 500'000 + MemoryBoard::kWorthTelling);
  EXPECT_EQ(board.all_but(0), 500'000u + MemoryBoard::kWorthTelling);
  board.tell(2, 0);
  EXPECT_EQ(board.all_but(0), 0u);
}

TEST(MemoryGate, WhatIsGivenBackWithinATurnOpensNothing) {
  MemoryGate gate;
  gate.look(1000, 1000);
  gate.add(-10);
  EXPECT_TRUE(gate.is_shut());
  gate.look(1000, 500);
  EXPECT_FALSE(gate.is_shut());
}

}  // namespace
}  // namespace comet

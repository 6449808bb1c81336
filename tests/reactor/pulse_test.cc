#include "reactor/pulse.h"

#include <gtest/gtest.h>

namespace reactor {
namespace {

TEST(Pulse, WhoWasNotAskedOwesNothing) {
  Pulse pulse;
  EXPECT_TRUE(pulse.answered());
  pulse.beat();
  EXPECT_TRUE(pulse.answered());
}

TEST(Pulse, AQuestionIsOpenUntilTheNextBeat) {
  Pulse pulse;
  pulse.ask();
  EXPECT_FALSE(pulse.answered());
  pulse.ask();
  EXPECT_FALSE(pulse.answered());
  pulse.beat();
  EXPECT_TRUE(pulse.answered());
}

}  // namespace
}  // namespace reactor

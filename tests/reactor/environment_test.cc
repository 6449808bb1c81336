#include "reactor/environment.h"

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

namespace reactor {
namespace {

TEST(Environment, IsACopyOfWhatTheProcessHas) {
  ::setenv("REACTOR_TEST_VARIABLE", "a=b", 1);
  const std::vector<std::string> variables = environment();
  ::unsetenv("REACTOR_TEST_VARIABLE");
  EXPECT_NE(std::ranges::find(variables, "REACTOR_TEST_VARIABLE=a=b"), variables.end());
}

TEST(Environment, AVariableThatWasTakenIsGone) {
  ::setenv("REACTOR_TEST_VARIABLE", "a=b", 1);
  EXPECT_EQ(take_variable("REACTOR_TEST_VARIABLE"), "a=b");
  EXPECT_EQ(::getenv("REACTOR_TEST_VARIABLE"), nullptr);
  EXPECT_EQ(take_variable("REACTOR_TEST_VARIABLE"), "");
}

}  // namespace
}  // namespace reactor

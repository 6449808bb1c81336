#include "reactor/signals.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include <gtest/gtest.h>

namespace reactor {
namespace {

constexpr int kAllRight = 0;

// Each in a process of its own, because masks and dispositions are the whole process's.
[[noreturn]] void wait_for(int number) {
  Signals signals;
  ::kill(::getpid(), number);
  std::_Exit(signals.wait() == number ? kAllRight : 1);
}

[[noreturn]] void write_to_nobody() {
  const Signals signals;
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) std::_Exit(1);
  ::close(pipe[0]);
  const bool failed = ::write(pipe[1], "x", 1) == -1 && errno == EPIPE;
  std::_Exit(failed ? kAllRight : 2);
}

TEST(SignalsDeathTest, BothStopSignalsAreWaitedFor) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(wait_for(SIGTERM), testing::ExitedWithCode(kAllRight), "");
  EXPECT_EXIT(wait_for(SIGINT), testing::ExitedWithCode(kAllRight), "");
}

TEST(SignalsDeathTest, AWriteToABrokenPipeIsAnErrorAndNotTheEnd) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(write_to_nobody(), testing::ExitedWithCode(kAllRight), "");
}

}  // namespace
}  // namespace reactor

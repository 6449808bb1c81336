#include "reactor/signals.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>

#include <gtest/gtest.h>

namespace reactor {
namespace {

constexpr int kAllRight = 0;

// Each in a process of its own, because masks and dispositions are the whole process's.
[[noreturn]] void wait_for(int number, Signal meaning) {
  Signals signals;
  ::kill(::getpid(), number);
  if (signals.wait() != meaning) std::_Exit(1);
  ::kill(::getpid(), number);
  if (signals.wait_for(std::chrono::hours(1)) != meaning) std::_Exit(2);
  std::_Exit(signals.wait_for(std::chrono::milliseconds(1)) ? 3 : kAllRight);
}

[[noreturn]] void write_to_nobody() {
  const Signals signals;
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) std::_Exit(1);
  ::close(pipe[0]);
  const bool failed = ::write(pipe[1], "x", 1) == -1 && errno == EPIPE;
  std::_Exit(failed ? kAllRight : 2);
}

TEST(SignalsDeathTest, EachSignalIsWaitedForAndHasItsMeaning) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(wait_for(SIGTERM, Signal::kStop), testing::ExitedWithCode(kAllRight), "");
  EXPECT_EXIT(wait_for(SIGINT, Signal::kStop), testing::ExitedWithCode(kAllRight), "");
  EXPECT_EXIT(wait_for(SIGHUP, Signal::kReload), testing::ExitedWithCode(kAllRight), "");
  EXPECT_EXIT(wait_for(SIGUSR1, Signal::kReopen), testing::ExitedWithCode(kAllRight), "");
}

TEST(SignalsDeathTest, AWriteToABrokenPipeIsAnErrorAndNotTheEnd) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(write_to_nobody(), testing::ExitedWithCode(kAllRight), "");
}

}  // namespace
}  // namespace reactor

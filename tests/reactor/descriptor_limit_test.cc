#include "reactor/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

namespace reactor {
namespace {

constexpr int kAllRight = 0;

// In a process of its own, because the limits are the whole process's.
[[noreturn]] void lower_and_raise() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) std::_Exit(1);
  const rlim_t hard = std::min<rlim_t>(limit.rlim_max, 512);
  limit = {std::min<rlim_t>(hard, 128), hard};
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) std::_Exit(2);
  for (int i = 0; i < 2; ++i) {  // a second call changes nothing
    const auto raised = raise_descriptor_limit();
    if (!raised.ok()) std::_Exit(3);
    if (*raised != hard) std::_Exit(4);
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) std::_Exit(5);
    if (limit.rlim_cur != hard || limit.rlim_max != hard) std::_Exit(6);
  }
  std::_Exit(kAllRight);
}

TEST(DescriptorLimitDeathTest, TheSoftLimitIsRaisedToTheHardOne) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(lower_and_raise(), testing::ExitedWithCode(kAllRight), "");
}

}  // namespace
}  // namespace reactor

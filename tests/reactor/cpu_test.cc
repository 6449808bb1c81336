#include "reactor/cpu.h"

#include <sched.h>

#include <algorithm>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace reactor {
namespace {

TEST(Cpu, ThereIsAtLeastOneAndNoneTwice) {
  const std::vector<int> cpus = allowed_cpus();
  ASSERT_FALSE(cpus.empty());
  EXPECT_TRUE(std::ranges::is_sorted(cpus));
  EXPECT_EQ(std::ranges::adjacent_find(cpus), cpus.end());
  EXPECT_GE(cpus.front(), 0);
}

TEST(Cpu, APinnedThreadRunsThereAndOthersStayFree) {
  const std::vector<int> before = allowed_cpus();
  for (const int cpu : before) {
    std::thread([cpu] {
      pin_this_thread(cpu);
      EXPECT_EQ(allowed_cpus(), std::vector{cpu});
      EXPECT_EQ(::sched_getcpu(), cpu);
    }).join();
  }
  EXPECT_EQ(allowed_cpus(), before);
}

TEST(Cpu, ARefusedPinIsNotAnError) {
  std::thread([] {
    const std::vector<int> before = allowed_cpus();
    for (const int none : {1023, 1024, 1'000'000, -1}) {
      if (std::ranges::count(before, none) != 0) continue;
      pin_this_thread(none);
      EXPECT_EQ(allowed_cpus(), before) << none;
    }
  }).join();
}

}  // namespace
}  // namespace reactor

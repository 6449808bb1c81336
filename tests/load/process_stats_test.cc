#include "bench/load/process_stats.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace load {
namespace {

// Above any pid (proc(5): pid_max is at most 2^22).
constexpr pid_t kNobody = 1 << 23;

TEST(ProcessStats, OfNobodyIsNothing) {
  const ProcessStats stats({});
  EXPECT_FALSE(stats.watches());
  EXPECT_EQ(*stats.cpu_ns(), 0u);
  EXPECT_EQ(*stats.pss_bytes(), 0u);
}

TEST(ProcessStats, CountsTheCpuOfAllThreads) {
  const ProcessStats stats({::getpid()});
  const std::uint64_t before = *stats.cpu_ns();
  std::atomic<bool> over{false};
  std::thread busy([&] {
    while (!over) {
    }
  });
  // Ends only if the other thread's time is counted: this one hardly takes any.
  std::uint64_t after = before;
  while (after < before + 20'000'000) {
    std::this_thread::yield();
    after = *stats.cpu_ns();
  }
  over = true;
  busy.join();
  EXPECT_GE(after, before + 20'000'000);
}

TEST(ProcessStats, SeesMemoryThatIsTouched) {
  const ProcessStats stats({::getpid()});
  constexpr std::size_t kBytes = 8 << 20;
  const std::uint64_t before = *stats.pss_bytes();
  const std::vector<char> memory(kBytes, 'x');
  const std::uint64_t after = *stats.pss_bytes();
  EXPECT_GE(after, before + kBytes * 9 / 10);
  EXPECT_EQ(memory.back(), 'x');
}

TEST(ProcessStats, AProcessThatIsGoneIsSaid) {
  const ProcessStats stats({kNobody});
  EXPECT_FALSE(stats.cpu_ns().ok());
  EXPECT_FALSE(stats.pss_bytes().ok());
}

}  // namespace
}  // namespace load

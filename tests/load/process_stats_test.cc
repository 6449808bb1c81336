#include "bench/load/process_stats.h"

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <future>
#include <thread>

namespace load {
namespace {

// Above any pid (proc(5): pid_max is at most 2^22).
constexpr pid_t kNobody = 1 << 23;

std::uint64_t thread_cpu_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

TEST(ProcessStats, OfNobodyIsNothing) {
  const ProcessStats stats({});
  EXPECT_FALSE(stats.watches());
  EXPECT_EQ(*stats.cpu_ns(), 0u);
  EXPECT_EQ(*stats.pss_bytes(), 0u);
}

TEST(ProcessStats, CountsTheCpuOfAllThreads) {
  const ProcessStats stats({::getpid()});
  const std::uint64_t before = *stats.cpu_ns();
  std::promise<void> worked;
  std::promise<void> over;
  std::thread busy([&] {
    while (thread_cpu_ns() < 20'000'000) {
    }
    worked.set_value();
    over.get_future().wait();
  });
  worked.get_future().wait();
  EXPECT_GE(*stats.cpu_ns(), before + 20'000'000) << "this thread hardly took any";
  over.set_value();
  busy.join();
}

// More than everything else in the process: how much of the libraries' pages counts depends on
// who else has them mapped at the moment.
TEST(ProcessStats, SeesMemoryThatIsTouched) {
  const ProcessStats stats({::getpid()});
  constexpr std::size_t kBytes = 512 << 20;
  EXPECT_LT(*stats.pss_bytes(), kBytes);
  void* const memory = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  EXPECT_GE(*stats.pss_bytes(), kBytes);
  EXPECT_EQ(::munmap(memory, kBytes), 0);
}

TEST(ProcessStats, AProcessThatIsGoneIsSaid) {
  const ProcessStats stats({kNobody});
  EXPECT_FALSE(stats.cpu_ns().ok());
  EXPECT_FALSE(stats.pss_bytes().ok());
}

}  // namespace
}  // namespace load

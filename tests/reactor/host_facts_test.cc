#include "reactor/host_facts.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace reactor {
namespace {

namespace fs = std::filesystem;

// A root folder with the files of proc and sys that a test puts there.
class HostFactsTest : public testing::Test {
 protected:
  void put(std::string_view path, std::string_view text) const {
    const fs::path file = root_ / path;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  [[nodiscard]] HostFacts read() const { return read_host_facts(root_); }

  support::TempFolder folder_;
  fs::path root_ = folder_.path();
};

TEST_F(HostFactsTest, WhatIsNotThereIsAbsent) {
  HostFacts none;
  none.page_bytes = read().page_bytes;
  EXPECT_EQ(read(), none);
}

TEST_F(HostFactsTest, DescriptorLimitsAreSoftAndHard) {
  put("proc/self/limits",
      "Limit                     Soft Limit           Hard Limit           Units     \n"
      "Max processes             94000                94001                processes \n"
      "Max open files            1024                 524288               files     \n");
  EXPECT_EQ(read().descriptors_soft, 1024);
  EXPECT_EQ(read().descriptors_hard, 524288);
}

TEST_F(HostFactsTest, DescriptorLimitsMayBeUnlimited) {
  put("proc/self/limits",
      "Max open files            1024                 unlimited            files\n");
  EXPECT_EQ(read().descriptors_hard, kUnlimited);
}

TEST_F(HostFactsTest, KernelSettingsAreNumbers) {
  put("proc/sys/fs/nr_open", "1048576\n");
  put("proc/sys/fs/file-max", "9223372036854775807\n");
  put("proc/sys/fs/file-nr", "593\t0\t9223372036854775807\n");
  put("proc/sys/fs/epoll/max_user_watches", "5491511\n");
  put("proc/sys/net/core/somaxconn", "4096\n");
  put("proc/sys/net/ipv4/tcp_max_syn_backlog", "2048\n");
  put("proc/sys/net/ipv4/tcp_syncookies", "1\n");
  put("proc/sys/net/ipv4/tcp_mem", "287898\t383867\t575796\n");
  put("proc/sys/net/netfilter/nf_conntrack_max", "262144\n");
  put("proc/sys/net/netfilter/nf_conntrack_count", "7\n");
  const HostFacts facts = read();
  EXPECT_EQ(facts.nr_open, 1048576);
  EXPECT_EQ(facts.file_max, 9223372036854775807u);
  EXPECT_EQ(facts.files_open, 593);
  EXPECT_EQ(facts.epoll_max_user_watches, 5491511);
  EXPECT_EQ(facts.somaxconn, 4096);
  EXPECT_EQ(facts.tcp_max_syn_backlog, 2048);
  EXPECT_EQ(facts.tcp_syncookies, 1);
  EXPECT_EQ(facts.tcp_pressure_pages, 383867);
  EXPECT_EQ(facts.tcp_max_pages, 575796);
  EXPECT_EQ(facts.conntrack_max, 262144);
  EXPECT_EQ(facts.conntrack_count, 7);
}

TEST_F(HostFactsTest, WhatIsNoNumberIsAbsent) {
  put("proc/sys/fs/nr_open", "many\n");
  put("proc/sys/net/ipv4/tcp_mem", "287898\n");
  put("proc/sys/fs/file-max", "12x\n");
  EXPECT_FALSE(read().nr_open);
  EXPECT_FALSE(read().tcp_max_pages);
  EXPECT_FALSE(read().file_max);
}

TEST_F(HostFactsTest, AvailableMemoryIsInBytes) {
  put("proc/meminfo", "MemTotal:       24684084 kB\nMemAvailable:       1000 kB\n");
  EXPECT_EQ(read().memory_available, 1024000);
}

TEST_F(HostFactsTest, TheTightestOfTheGroupsAboveCounts) {
  put("proc/self/cgroup", "0::/system.slice/comet.service\n");
  put("sys/fs/cgroup/system.slice/comet.service/memory.max", "max\n");
  put("sys/fs/cgroup/system.slice/memory.max", "2000\n");
  put("sys/fs/cgroup/system.slice/comet.service/pids.max", "64\n");
  put("sys/fs/cgroup/system.slice/pids.max", "128\n");
  put("sys/fs/cgroup/system.slice/comet.service/cpu.max", "150000 100000\n");
  put("sys/fs/cgroup/system.slice/cpu.max", "max 100000\n");
  EXPECT_EQ(read().group_memory_bytes, 2000);
  EXPECT_EQ(read().group_tasks, 64);
  EXPECT_EQ(read().group_cpu_millis, 1500);
}

TEST_F(HostFactsTest, AGroupThatAContainerCannotSeeIsReadAtTheMount) {
  put("proc/self/cgroup", "0::/docker/0123\n");
  put("sys/fs/cgroup/memory.max", "3000\n");
  EXPECT_EQ(read().group_memory_bytes, 3000);
}

TEST_F(HostFactsTest, AGroupAboveTheMountIsReadAtTheMount) {
  put("proc/self/cgroup", "0::/../other\n");
  put("sys/fs/other/memory.max", "1\n");
  put("sys/fs/cgroup/memory.max", "3000\n");
  EXPECT_EQ(read().group_memory_bytes, 3000);
}

TEST_F(HostFactsTest, Version1HasAFolderForEachController) {
  put("proc/self/cgroup", "4:memory:/a\n3:cpu,cpuacct:/a\n8:pids:/\n0::/\n");
  put("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "5000\n");
  put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  put("sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "50000\n");
  put("sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
  put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  put("sys/fs/cgroup/pids/pids.max", "max\n");
  EXPECT_EQ(read().group_memory_bytes, 5000);
  EXPECT_EQ(read().group_cpu_millis, 500);
  EXPECT_EQ(read().group_tasks, kUnlimited);
}

TEST_F(HostFactsTest, Version1WithoutALimitIsUnlimited) {
  put("proc/self/cgroup", "4:memory:/\n");
  put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(read().group_memory_bytes, kUnlimited);
}

TEST_F(HostFactsTest, BesideVersion1Version2IsALevelLower) {
  put("proc/self/cgroup", "8:pids:/\n0::/user\n");
  put("sys/fs/cgroup/unified/user/memory.max", "7000\n");
  EXPECT_EQ(read().group_memory_bytes, 7000);
}

TEST(HostFacts, ThisMachineTellsTheMostImportantOnes) {
  const HostFacts facts = read_host_facts();
  EXPECT_TRUE(facts.descriptors_hard);
  EXPECT_TRUE(facts.nr_open);
  EXPECT_TRUE(facts.file_max);
  EXPECT_TRUE(facts.memory_available);
  EXPECT_GE(facts.page_bytes, 4096u);
}

}  // namespace
}  // namespace reactor

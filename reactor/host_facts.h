// What the kernel, the process's limits and its control groups allow: the facts behind --doctor.
//
// Read once by main before any core starts. The kernel shows all of them as files (proc(5),
// cgroups(7)), so a test hands in a folder of its own as the root.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>

namespace reactor {

// Absent: this kernel does not tell, or the thing does not exist here.
using Fact = std::optional<std::uint64_t>;
inline constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

struct HostFacts {
  std::uint64_t page_bytes = 4096;

  // Descriptors: RLIMIT_NOFILE of this process, its ceiling, and those of the whole machine.
  Fact descriptors_soft;
  Fact descriptors_hard;
  Fact nr_open;
  Fact file_max;
  Fact files_open;

  Fact epoll_max_user_watches;
  Fact somaxconn;
  Fact tcp_max_syn_backlog;
  Fact tcp_syncookies;

  // net.ipv4.tcp_mem, in pages: from where TCP saves, and the most that it takes.
  Fact tcp_pressure_pages;
  Fact tcp_max_pages;

  // Absent when connection tracking is not loaded.
  Fact conntrack_max;
  Fact conntrack_count;

  Fact memory_available;  // bytes
  // Of the process's control group and those above it, the tightest.
  Fact group_memory_bytes;
  Fact group_tasks;
  Fact group_cpu_millis;  // thousandths of a CPU

  bool operator==(const HostFacts&) const = default;
};

HostFacts read_host_facts(const std::filesystem::path& root = "/");

}  // namespace reactor

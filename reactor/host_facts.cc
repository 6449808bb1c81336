#include "reactor/host_facts.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace reactor {
namespace {

namespace fs = std::filesystem;

// What version 1 of control groups shows for "no limit": the largest multiple of a page.
constexpr std::uint64_t kNoLimitOfVersion1 = std::uint64_t{1} << 62;

Fact number(std::string_view word) {
  if (word == "max" || word == "unlimited") return kUnlimited;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error == std::errc::result_out_of_range) return kUnlimited;
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::vector<std::string> words_in(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return words_of(line);
}

// The n-th word of a file's first line.
Fact number_in(const fs::path& file, std::size_t n = 0) {
  const auto words = words_in(file);
  return n < words.size() ? number(words[n]) : std::nullopt;
}

// The n-th word after the title, on the line that begins with it.
Fact number_after(const fs::path& file, std::string_view title, std::size_t n = 0) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(title)) continue;
    const auto words = words_of(line.substr(title.size()));
    return n < words.size() ? number(words[n]) : std::nullopt;
  }
  return std::nullopt;
}

void tighten(Fact& limit, Fact other) {
  if (other) limit = std::min(limit.value_or(kUnlimited), *other);
}

// One hierarchy of control groups, and this process's place in it.
struct Hierarchy {
  fs::path mount;
  fs::path group;  // relative to the mount

  // Calls visit with the folder of the group and of every group above it. A container may name a
  // group that it cannot see, or one above its own ("/.."); what it does see stands at the mount.
  template <class Visit>
  void walk(Visit visit) const {
    const bool visible = !group.native().starts_with("..") && fs::exists(mount / group);
    fs::path place = visible ? group : fs::path{};
    for (; !place.empty(); place = place.parent_path()) visit(mount / place);
    visit(mount);
  }
};

Fact cpu_millis(Fact quota, Fact period) {
  if (!quota || !period || *quota == kUnlimited || *period == 0) return std::nullopt;
  return *quota * 1000 / *period;
}

void read_version2(const Hierarchy& hierarchy, HostFacts& facts) {
  hierarchy.walk([&](const fs::path& folder) {
    tighten(facts.group_memory_bytes, number_in(folder / "memory.max"));
    tighten(facts.group_tasks, number_in(folder / "pids.max"));
    const fs::path cpu = folder / "cpu.max";
    tighten(facts.group_cpu_millis, cpu_millis(number_in(cpu), number_in(cpu, 1)));
  });
}

void read_version1(std::string_view controller, const Hierarchy& hierarchy, HostFacts& facts) {
  hierarchy.walk([&](const fs::path& folder) {
    if (controller == "memory") {
      Fact bytes = number_in(folder / "memory.limit_in_bytes");
      if (bytes && *bytes >= kNoLimitOfVersion1) bytes = kUnlimited;
      tighten(facts.group_memory_bytes, bytes);
    } else if (controller == "pids") {
      tighten(facts.group_tasks, number_in(folder / "pids.max"));
    } else if (controller == "cpu") {
      // A quota of -1 is none, and no number here.
      tighten(facts.group_cpu_millis, cpu_millis(number_in(folder / "cpu.cfs_quota_us"),
                                                 number_in(folder / "cpu.cfs_period_us")));
    }
  });
}

// Lines of /proc/self/cgroup are "number:controllers:/group"; version 2 has no controllers.
void read_groups(const fs::path& root, HostFacts& facts) {
  const fs::path mount = root / "sys/fs/cgroup";
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const fs::path group = fs::path(line.substr(second + 1)).relative_path();
    if (controllers.empty()) {
      // Beside version 1, version 2 is mounted a level lower (systemd's hybrid layout).
      const fs::path unified = mount / "unified";
      read_version2({fs::exists(unified) ? unified : mount, group}, facts);
      continue;
    }
    std::istringstream names(controllers);
    for (std::string name; std::getline(names, name, ',');) {
      read_version1(name, {mount / name, group}, facts);
    }
  }
}

}  // namespace

HostFacts read_host_facts(const fs::path& root) {
  HostFacts facts;
  facts.page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));

  const fs::path limits = root / "proc/self/limits";
  facts.descriptors_soft = number_after(limits, "Max open files", 0);
  facts.descriptors_hard = number_after(limits, "Max open files", 1);

  const fs::path sys = root / "proc/sys";
  facts.nr_open = number_in(sys / "fs/nr_open");
  facts.file_max = number_in(sys / "fs/file-max");
  facts.files_open = number_in(sys / "fs/file-nr");
  facts.epoll_max_user_watches = number_in(sys / "fs/epoll/max_user_watches");
  facts.somaxconn = number_in(sys / "net/core/somaxconn");
  facts.tcp_max_syn_backlog = number_in(sys / "net/ipv4/tcp_max_syn_backlog");
  facts.tcp_syncookies = number_in(sys / "net/ipv4/tcp_syncookies");
  facts.tcp_pressure_pages = number_in(sys / "net/ipv4/tcp_mem", 1);
  facts.tcp_max_pages = number_in(sys / "net/ipv4/tcp_mem", 2);
  facts.conntrack_max = number_in(sys / "net/netfilter/nf_conntrack_max");
  facts.conntrack_count = number_in(sys / "net/netfilter/nf_conntrack_count");

  if (const Fact kib = number_after(root / "proc/meminfo", "MemAvailable:")) {
    facts.memory_available = *kib * 1024;
  }
  read_groups(root, facts);
  return facts;
}

}  // namespace reactor

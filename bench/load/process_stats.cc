#include "bench/load/process_stats.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace load {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(pid_t pid) { return fs::path("/proc") / std::to_string(pid); }

reactor::Error unreadable(const fs::path& path) {
  return {"cannot read " + path.string() + ": is the process there, and yours?"};
}

}  // namespace

reactor::Result<std::uint64_t> ProcessStats::cpu_ns() const {
  std::uint64_t sum = 0;
  for (const pid_t pid : pids_) {
    const fs::path tasks = folder_of(pid) / "task";
    std::error_code error;
    fs::directory_iterator task(tasks, error);
    if (error) return unreadable(tasks);
    while (task != fs::directory_iterator()) {
      std::ifstream in(task->path() / "schedstat");
      std::uint64_t on_cpu = 0;
      // A thread may end between the listing and here.
      if (in >> on_cpu) sum += on_cpu;
      task.increment(error);
      if (error) return unreadable(tasks);
    }
  }
  return sum;
}

reactor::Result<std::uint64_t> ProcessStats::pss_bytes() const {
  std::uint64_t sum = 0;
  for (const pid_t pid : pids_) {
    const fs::path path = folder_of(pid) / "smaps_rollup";
    std::ifstream in(path);
    std::string word;
    std::uint64_t kilobytes = 0;
    while (in >> word && word != "Pss:") {
    }
    if (!(in >> kilobytes)) return unreadable(path);
    sum += kilobytes * 1024;
  }
  return sum;
}

}  // namespace load

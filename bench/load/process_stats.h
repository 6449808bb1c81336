// CPU time and memory of the server's processes, as the kernel counts them in /proc (proc(5)).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "reactor/result.h"

namespace load {

class ProcessStats {
 public:
  explicit ProcessStats(std::vector<pid_t> pids) : pids_(std::move(pids)) {}

  [[nodiscard]] bool watches() const { return !pids_.empty(); }
  // Nanoseconds on a CPU, of all threads that are alive: the first number of their schedstat.
  [[nodiscard]] reactor::Result<std::uint64_t> cpu_ns() const;
  // Sum of Pss in smaps_rollup: shared pages count by halves, thirds, ...
  [[nodiscard]] reactor::Result<std::uint64_t> pss_bytes() const;

 private:
  std::vector<pid_t> pids_;
};

}  // namespace load

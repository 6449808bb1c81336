// How many connections the front port has, against how many it may have: one number for all cores.
//
// Shared by all cores, any of which may call it. Touched when a connection comes or goes, never per
// message. The bound is exact: a core that finds the last place taken has not made another believe
// so for a moment.
#pragma once

#include <atomic>
#include <cstdint>

namespace comet {

class ConnectionQuota {
 public:
  // One more, unless there are `max` already.
  [[nodiscard]] bool take(std::uint64_t max) {
    std::uint64_t taken = taken_.load(std::memory_order_relaxed);
    while (taken < max) {
      if (taken_.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed)) return true;
    }
    return false;
  }
  void give_back() { taken_.fetch_sub(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t taken() const { return taken_.load(std::memory_order_relaxed); }

 private:
  alignas(64) std::atomic<std::uint64_t> taken_{0};
};

}  // namespace comet

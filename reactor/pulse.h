// Proof that a loop turns: somebody asks, and the loop answers in its next turn.
//
// Owned by the loop. One other thread asks and looks; the loop beats. A loop that is stuck in a
// turn does not answer, whatever else in the process goes on.
#pragma once

#include <atomic>
#include <cstdint>

namespace reactor {

class Pulse {
 public:
  // The other thread. A loop that sleeps must be woken by a signal() of its waker after this.
  void ask() { asked_.fetch_add(1, std::memory_order_relaxed); }
  // Whether the loop has had a turn since it was last asked.
  [[nodiscard]] bool answered() const {
    return answered_.load(std::memory_order_relaxed) == asked_.load(std::memory_order_relaxed);
  }

  // HOT: the loop, once a turn. Two loads of a line that is written only when somebody asks.
  void beat() {
    const std::uint64_t asked = asked_.load(std::memory_order_relaxed);
    if (answered_.load(std::memory_order_relaxed) != asked) {
      answered_.store(asked, std::memory_order_relaxed);
    }
  }

 private:
  alignas(64) std::atomic<std::uint64_t> asked_{0};
  std::atomic<std::uint64_t> answered_{0};
};

}  // namespace reactor

// Whether a core may take more memory, under a budget of the whole server (limits.max_memory).
//
// Cores share nothing, so each looks at the top of its turn at what all of them together had last
// said (MemoryBoard), and counts from there what it takes by itself. The server may therefore
// exceed the budget by what the other cores take in one turn, and by the records of the channels
// and subscribers that this one makes in it, which are counted when the turn is over. Once the
// budget is reached, the gate stays shut until a sixteenth of it is free again.
//
// A value of one core, part of its hub. What is not limited is never shut.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace comet {

enum class MemoryState : std::uint8_t { kAmple, kShort };

class MemoryGate {
 public:
  // Once a turn, with what the whole server uses. A budget of 0 is none.
  void look(std::uint64_t budget, std::uint64_t used) {
    if (budget == 0) {
      left_ = kUnlimited;
      state_ = MemoryState::kAmple;
      return;
    }
    const std::uint64_t again_below = budget - budget / 16;
    const std::uint64_t bound = state_ == MemoryState::kShort ? again_below : budget;
    state_ = used < bound ? MemoryState::kAmple : MemoryState::kShort;
    left_ = state_ == MemoryState::kShort ? 0 : static_cast<std::int64_t>(budget - used);
  }

  // This core has taken that much since it looked, or given it back.
  void add(std::int64_t bytes) { left_ -= bytes; }
  // Nothing may be begun that makes the server larger. Once memory was found short, what is given
  // back within a turn opens nothing: look() does.
  [[nodiscard]] bool is_shut() const { return state_ == MemoryState::kShort || left_ <= 0; }
  // What was found at the top of the turn.
  [[nodiscard]] MemoryState state() const { return state_; }

 private:
  // Beyond what a turn could take.
  static constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max() / 2;

  std::int64_t left_ = kUnlimited;
  MemoryState state_ = MemoryState::kAmple;
};

// What each core uses. Shared by all; a core writes its own line when that has changed much, and
// reads the others' once a turn.
class MemoryBoard {
 public:
  explicit MemoryBoard(std::size_t cores) : cores_(cores) {}

  void tell(std::size_t core, std::uint64_t bytes) {
    std::atomic<std::uint64_t>& told = cores_[core].bytes;
    const std::uint64_t before = told.load(std::memory_order_relaxed);
    const std::uint64_t change = bytes > before ? bytes - before : before - bytes;
    if (change >= kWorthTelling) told.store(bytes, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t all_but(std::size_t core) const {
    std::uint64_t sum = 0;
    for (std::size_t other = 0; other < cores_.size(); ++other) {
      if (other != core) sum += cores_[other].bytes.load(std::memory_order_relaxed);
    }
    return sum;
  }

  static constexpr std::uint64_t kWorthTelling = 64 * 1024;

 private:
  struct alignas(64) OfCore {
    std::atomic<std::uint64_t> bytes{0};
  };
  std::vector<OfCore> cores_;
};

}  // namespace comet

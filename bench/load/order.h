// Does every message come exactly once and in order? One checker for all subscribers of a process.
//
// A subscriber's only state is the number it waits for. What deviates is remembered aside, as the
// gaps that are open: a number from within a gap came late, any other old number came twice, and
// what is in a gap at the end is missing. A million subscribers without faults cost nothing here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace load {

enum class Arrival : std::uint8_t { kInOrder, kLate, kRepeated };

class OrderChecker {
 public:
  // HOT: once per delivery. `next` is the number that the subscriber waits for; what is jumped
  // over opens a gap. kInOrder: it is the next one, or lies beyond it.
  Arrival arrived(std::uint32_t subscriber, std::uint64_t& next, std::uint64_t number) {
    if (number == next) [[likely]] {
      ++next;
      return Arrival::kInOrder;
    }
    return out_of_turn(subscriber, next, number);
  }

  // How many numbers below `end` did not come, for a subscriber that waits for `next`.
  [[nodiscard]] std::uint64_t missing(std::uint32_t subscriber, std::uint64_t next,
                                      std::uint64_t end) const;

 private:
  struct Gap {
    std::uint64_t begin;
    std::uint64_t end;
  };

  Arrival out_of_turn(std::uint32_t subscriber, std::uint64_t& next, std::uint64_t number);

  std::unordered_map<std::uint32_t, std::vector<Gap>> gaps_;
};

}  // namespace load

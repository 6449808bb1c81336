// The time as one turn of a loop sees it.
//
// Read once at the top of a turn and handed down as a value: nothing below reads a clock, so the
// core of the server can be simulated.
#pragma once

#include <cstdint>

namespace reactor {

struct Now {
  std::uint64_t monotonic_us = 0;  // CLOCK_MONOTONIC: never jumps; all deadlines are in it.
  std::int64_t unix_s = 0;         // CLOCK_REALTIME: only for the Date header and people.

  [[nodiscard]] std::uint64_t monotonic_ms() const { return monotonic_us / 1000; }

  static Now read();
  // CLOCK_MONOTONIC alone.
  static std::uint64_t read_monotonic_us();
};

}  // namespace reactor

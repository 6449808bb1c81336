// The hot paths whose instructions are counted: see perf/instructions.md.
//
// Nothing in them may depend on the machine, a clock, a random key or an address. The kernel is
// called by the loop's turn alone, and what it does is not counted.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "perf/paths/meter.h"

namespace perf {

struct Path {
  std::string_view name;
  void (*run)(Meter&);
  std::uint64_t iterations;
  std::uint64_t operations;  // in one iteration
  std::string_view operation;
};

// From bytes to what they mean, and back.
std::span<const Path> paths_of_bytes();
// What a hub does: messages, subscribers, heartbeats.
std::span<const Path> paths_of_hubs();
// What stands below both: turns, timers, mailboxes, tables.
std::span<const Path> paths_of_cores();

}  // namespace perf

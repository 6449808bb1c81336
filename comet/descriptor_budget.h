// What the descriptor limit is spent on, so that the admin port has some when the front port has
// all of its own.
//
// A value, computed when the server starts.
#pragma once

#include <cstddef>
#include <cstdint>

#include "comet/config.h"
#include "reactor/result.h"

namespace comet {

// Those that belong to no core: the standard three, the log, the pidfile; where a state is kept,
// its lock, what the loop of its writer has, and the file that is written.
inline constexpr std::uint64_t kProcessDescriptors = 5;
inline constexpr std::uint64_t kStateDescriptors = 4;
std::uint64_t process_descriptors(const Config& config);

// Connections over the limit that a core keeps for as long as it takes to answer them properly.
inline constexpr std::size_t kRefusalsPerCore = 16;

struct DescriptorBudget {
  std::uint64_t limit = 0;     // getrlimit(2), RLIMIT_NOFILE
  std::uint64_t own = 0;       // of the process and its cores, listeners included
  std::uint64_t refusals = 0;  // for clients that are told to come back
  std::uint64_t reserved = 0;  // for the admin port, files that are reopened, and the unforeseen
  std::uint64_t front = 0;     // connections of the front port

  // What is not there for the front port's connections.
  static std::uint64_t kept(const Config& config, std::size_t cores,
                            std::size_t listeners_per_core);
  // The sentence of an operator's mistake when nothing is left for the front port.
  static reactor::Result<DescriptorBudget> make(std::uint64_t limit, const Config& config,
                                                std::size_t cores, std::size_t listeners_per_core);
};

}  // namespace comet

// What is true of the whole server and known without asking its cores.
//
// A value, made by the core that answers /info or the like.
#pragma once

#include <cstdint>
#include <optional>

#include "comet/phase.h"

namespace comet {

// Bytes that the records of a class can come to take, where a setting or the system bounds them.
struct MemoryLimits {
  std::optional<std::uint64_t> connections;
  std::optional<std::uint64_t> subscribers;
  std::optional<std::uint64_t> channels;
  std::optional<std::uint64_t> total;  // limits.max_memory
};

// How saving the state goes.
struct StateFacts {
  std::int64_t saved_unix_s = 0;  // the last good snapshot; 0: none yet
  std::uint64_t bytes = 0;        // of that one, and the following
  std::uint64_t channels = 0;
  std::uint64_t messages = 0;
  std::uint64_t duration_ms = 0;
  std::uint64_t snapshots = 0;  // good ones since the start
  std::uint64_t errors = 0;     // of the disk, since the start
};

struct ServerFacts {
  std::int64_t pid = 0;
  std::int64_t started_unix_s = 0;
  std::int64_t now_unix_s = 0;
  std::uint64_t uptime_s = 0;
  ServerPhase phase = ServerPhase::kServing;
  std::uint64_t process_descriptors = 0;  // beside those that the cores report
  std::uint64_t descriptors_max = 0;
  std::uint64_t channels_max = 0;
  std::uint64_t front_connections = 0;
  std::uint64_t front_connections_max = 0;
  MemoryLimits memory_limits;
  std::optional<StateFacts> state;  // nothing where no state is kept
};

}  // namespace comet

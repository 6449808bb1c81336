// How saving the state goes, for /info.
//
// Written by the state's writer, and by main when that has ended; read by any core. Each number is
// true by itself; they are not taken together.
#pragma once

#include <atomic>
#include <cstdint>

namespace comet {

struct StateStatus {
  std::atomic<std::int64_t> saved_unix_s{0};  // the last good snapshot; 0: none yet
  std::atomic<std::uint64_t> bytes{0};        // of that one, and the following
  std::atomic<std::uint64_t> channels{0};
  std::atomic<std::uint64_t> messages{0};
  std::atomic<std::uint64_t> duration_ms{0};
  std::atomic<std::uint64_t> snapshots{0};  // good ones since the start
  std::atomic<std::uint64_t> errors{0};     // of the disk, since the start
};

}  // namespace comet

// What cores and the state's writer say to each other.
//
// Shared by the writer's thread and the cores. The writer's orders are two numbers that cores look
// at once a turn; what a core answers goes through a bounded queue of its own. A core that finds it
// full keeps what it has and goes on with its other work.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "comet/channel_record.h"
#include "reactor/spsc_queue.h"
#include "reactor/waker.h"

namespace comet {

// A part of a core's channels, for the snapshot that is wanted.
struct StateSlice {
  std::vector<ChannelRecord> channels;
  bool last = false;  // the core has no more
};

struct StateExchange {
  explicit StateExchange(std::size_t cores) {
    for (std::size_t core = 0; core < cores; ++core) {
      from_cores.push_back(std::make_unique<FromCore>());
    }
  }

  static constexpr std::size_t kSlicesMax = 4;  // that one core has under way

  // --- Written by the writer.
  alignas(64) std::atomic<std::uint64_t> snapshot{0};  // the one that is wanted, counted from 1
  // A core that gives out such a number says so, and gives out none from the ceiling on. The
  // ceiling is stored before the number that belongs to it.
  std::atomic<std::uint64_t> watch_from{std::numeric_limits<std::uint64_t>::max()};
  std::atomic<std::uint64_t> ceiling{std::numeric_limits<std::uint64_t>::max()};

  // --- Written by a core.
  struct FromCore {
    reactor::SpscQueue<StateSlice> slices{kSlicesMax};
    alignas(64) std::atomic<std::uint64_t> greatest_number{0};  // that was watched
  };
  std::vector<std::unique_ptr<FromCore>> from_cores;

  reactor::Waker* writer = nullptr;  // set before any core runs
};

}  // namespace comet

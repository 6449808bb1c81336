// How long a loop's turns took, from the clock's reading at the beginning to that at the end.
//
// Owned by one loop. The wait for events is no part of a turn.
#pragma once

#include <cstdint>

#include "reactor/histogram.h"

namespace reactor {

struct TurnStatistics {
  // A turn that takes longer makes everybody on the core wait for more than anybody should notice.
  static constexpr std::uint64_t kLongUs = 10'000;

  Histogram turn_us;
  std::uint64_t long_turns = 0;  // of more than kLongUs

  // Once a turn.
  void record(std::uint64_t us) {
    turn_us.record(us);
    if (us > kLongUs) ++long_turns;
  }
};

}  // namespace reactor

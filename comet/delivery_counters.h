// What a core delivered since the start. Plain integers of that core; they only ever grow.
#pragma once

#include <cstdint>

namespace comet {

struct DeliveryCounters {
  std::uint64_t deliveries = 0;  // messages that left towards one subscriber
  std::uint64_t sends = 0;       // system calls they took
  std::uint64_t gaps = 0;        // times that one was told to skip what is no longer kept

  DeliveryCounters& operator+=(const DeliveryCounters& other) {
    deliveries += other.deliveries;
    sends += other.sends;
    gaps += other.gaps;
    return *this;
  }
};

}  // namespace comet

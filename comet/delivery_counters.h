// What a core delivered since the start. Plain integers of that core; they only ever grow.
#pragma once

#include <cstdint>

namespace comet {

struct DeliveryCounters {
  std::uint64_t deliveries = 0;  // messages that left towards one subscriber
  std::uint64_t sends = 0;       // system calls they took
  std::uint64_t lapped = 0;      // subscribers closed because they were too slow

  DeliveryCounters& operator+=(const DeliveryCounters& other) {
    deliveries += other.deliveries;
    sends += other.sends;
    lapped += other.lapped;
    return *this;
  }
};

}  // namespace comet

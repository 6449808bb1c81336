#include "reactor/clock.h"

#include <time.h>

namespace reactor {

Now Now::read() {
  timespec real{};
  clock_gettime(CLOCK_REALTIME_COARSE, &real);
  return {read_monotonic_us(), real.tv_sec};
}

std::uint64_t Now::read_monotonic_us() {
  timespec monotonic{};
  clock_gettime(CLOCK_MONOTONIC, &monotonic);
  return static_cast<std::uint64_t>(monotonic.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(monotonic.tv_nsec) / 1000;
}

}  // namespace reactor

#include "reactor/clock.h"

#include <time.h>

namespace reactor {

Now Now::read() {
  timespec monotonic{};
  timespec real{};
  clock_gettime(CLOCK_MONOTONIC, &monotonic);
  clock_gettime(CLOCK_REALTIME_COARSE, &real);
  return {static_cast<std::uint64_t>(monotonic.tv_sec) * 1'000'000 +
              static_cast<std::uint64_t>(monotonic.tv_nsec) / 1000,
          real.tv_sec};
}

}  // namespace reactor

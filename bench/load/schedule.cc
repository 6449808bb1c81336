#include "bench/load/schedule.h"

namespace load {

std::uint64_t Schedule::intended_before(std::int64_t ns) const {
  if (ns <= 0 || interval_ns_ <= 0) return 0;
  auto k = static_cast<std::uint64_t>(static_cast<double>(ns) / interval_ns_);
  // The quotient may be rounded to either side; what intended_ns() says counts.
  while (k > 0 && intended_ns(k - 1) >= ns) --k;
  while (intended_ns(k) < ns) ++k;
  return k;
}

}  // namespace load

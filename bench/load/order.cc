#include "bench/load/order.h"

#include <algorithm>

namespace load {

Arrival OrderChecker::out_of_turn(std::uint32_t subscriber, std::uint64_t& next,
                                  std::uint64_t number) {
  if (number > next) {
    gaps_[subscriber].push_back({next, number});
    next = number + 1;
    return Arrival::kInOrder;
  }
  const auto found = gaps_.find(subscriber);
  if (found == gaps_.end()) return Arrival::kRepeated;
  std::vector<Gap>& gaps = found->second;
  const auto gap = std::ranges::find_if(
      gaps, [&](const Gap& one) { return number >= one.begin && number < one.end; });
  if (gap == gaps.end()) return Arrival::kRepeated;
  const Gap after{number + 1, gap->end};
  gap->end = number;
  const bool emptied = gap->begin == gap->end;
  if (after.begin < after.end) {
    if (emptied) {
      *gap = after;
    } else {
      gaps.push_back(after);
    }
  } else if (emptied) {
    gaps.erase(gap);
  }
  return Arrival::kLate;
}

std::uint64_t OrderChecker::missing(std::uint32_t subscriber, std::uint64_t next,
                                    std::uint64_t end) const {
  std::uint64_t count = end > next ? end - next : 0;
  const auto found = gaps_.find(subscriber);
  if (found == gaps_.end()) return count;
  for (const Gap& gap : found->second) {
    count += std::min(gap.end, end) - std::min(gap.begin, end);
  }
  return count;
}

}  // namespace load

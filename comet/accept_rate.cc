#include "comet/accept_rate.h"

#include <algorithm>

namespace comet {
namespace {

constexpr std::uint64_t kNsPerUs = 1000;
constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
constexpr std::uint64_t kBucketNs = kNsPerSecond / 10;
constexpr std::uint64_t kRestUs = 10'000;

}  // namespace

std::uint64_t AcceptRate::next_us(std::uint64_t now_us, std::uint32_t per_second) const {
  if (per_second == 0) return now_us;
  const std::uint64_t due_ns = due_ns_.load(std::memory_order_relaxed);
  if (due_ns <= now_us * kNsPerUs + kBucketNs) return now_us;
  // A sleep for each connection would cost more than taking it.
  const std::uint64_t allowed_us = (due_ns - kBucketNs + kNsPerUs - 1) / kNsPerUs;
  return std::max(allowed_us, now_us + kRestUs);
}

void AcceptRate::took(std::uint64_t now_us, std::uint32_t per_second) {
  if (per_second == 0) return;
  const std::uint64_t now_ns = now_us * kNsPerUs;
  const std::uint64_t interval_ns = kNsPerSecond / per_second;
  std::uint64_t due_ns = due_ns_.load(std::memory_order_relaxed);
  while (!due_ns_.compare_exchange_weak(due_ns, std::max(due_ns, now_ns) + interval_ns,
                                        std::memory_order_relaxed)) {
  }
}

}  // namespace comet

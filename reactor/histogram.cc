#include "reactor/histogram.h"

#include <cmath>

#include "reactor/check.h"

namespace reactor {

Histogram& Histogram::operator+=(const Histogram& other) {
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    counts_[bucket] += other.counts_[bucket];
  }
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
  return *this;
}

std::uint64_t Histogram::percentile(double percent) const {
  if (count_ == 0) return 0;
  const double wanted = std::ceil(static_cast<double>(count_) * percent / 100);
  const auto rank = std::max<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1);
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += counts_[bucket];
    // The last bucket also holds what is larger than its bound.
    if (seen >= rank && bucket + 1 < kBuckets) return std::min(upper_bound_of(bucket), max_);
  }
  return max_;
}

std::uint64_t Histogram::count_up_to_power(unsigned exponent) const {
  CHECK(exponent <= kValueBits);
  // The last bucket holds 2^kValueBits, and what is beyond it, which is all that can't be told.
  const std::size_t last = bucket_of(std::uint64_t{1} << exponent);
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket <= last; ++bucket) seen += counts_[bucket];
  return seen;
}

}  // namespace reactor

#include "bench/load/histogram.h"

#include <cmath>

namespace load {

static_assert(Histogram::bucket_of(Histogram::kLargest) == Histogram::kBuckets - 1);

void Histogram::add(const Histogram& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  total_ += other.total_;
  largest_ = std::max(largest_, other.largest_);
}

std::uint64_t Histogram::percentile(double percent) const {
  if (total_ == 0) return 0;
  const double wanted = std::ceil(percent / 100.0 * static_cast<double>(total_));
  const std::uint64_t rank =
      std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, total_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::min(largest_of(i), largest_);
  }
  return largest_;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> Histogram::buckets() const {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> filled;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] != 0) filled.emplace_back(largest_of(i), counts_[i]);
  }
  return filled;
}

}  // namespace load

// Counts values in buckets whose width grows with the value, so that three digits are always right.
//
// Owned by one process, in memory that all of them share: it holds no pointer, and all zeros is
// empty. Below 2 048 every value has its bucket; above, each power of two is cut into 1 024. A
// bucket is therefore never wider than a thousandth of what it holds.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace load {

class Histogram {
 public:
  static constexpr unsigned kDigitBits = 10;
  // What is larger counts as this: 18 minutes, in nanoseconds.
  static constexpr unsigned kValueBits = 40;
  static constexpr std::uint64_t kLargest = (std::uint64_t{1} << kValueBits) - 1;
  static constexpr std::size_t kBuckets = std::size_t{kValueBits - kDigitBits + 1} << kDigitBits;

  // HOT: once per delivery.
  void record(std::uint64_t value) {
    value = std::min(value, kLargest);
    ++counts_[bucket_of(value)];
    ++total_;
    largest_ = std::max(largest_, value);
  }

  void add(const Histogram& other);

  [[nodiscard]] std::uint64_t count() const { return total_; }
  [[nodiscard]] std::uint64_t max() const { return largest_; }
  // The least value that `percent` of the recorded ones do not exceed, rounded up to its bucket's
  // end but never beyond max(); 0 when nothing was recorded.
  [[nodiscard]] std::uint64_t percentile(double percent) const;

  // The largest value and the count of each bucket that is not empty, in order.
  [[nodiscard]] std::vector<std::pair<std::uint64_t, std::uint64_t>> buckets() const;

  static constexpr std::size_t bucket_of(std::uint64_t value) {
    if (value < (2u << kDigitBits)) return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - (kDigitBits + 1);
    return (std::size_t{shift} << kDigitBits) + (value >> shift);
  }
  static constexpr std::uint64_t largest_of(std::size_t bucket) {
    if (bucket < (2u << kDigitBits)) return bucket;
    const std::size_t shift = (bucket >> kDigitBits) - 1;
    return ((bucket - (shift << kDigitBits) + 1) << shift) - 1;
  }

 private:
  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t largest_ = 0;
};

}  // namespace load

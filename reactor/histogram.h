// How often a value was how large: counts in buckets that grow with the value.
//
// Owned by one core, as plain integers; it is read by copying it. Each power of two is cut into
// eight, so a bucket is at most an eighth of its value wide, and everything is a small fixed array.
// A bucket holds its upper bound: powers of two are therefore exact bounds (count_up_to).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace reactor {

class Histogram {
 public:
  // What is larger counts in the last bucket; max() tells it all the same. In microseconds, a
  // minute.
  static constexpr unsigned kValueBits = 26;

  // HOT.
  void record(std::uint64_t value) { record(value, 1); }
  void record(std::uint64_t value, std::uint64_t times) {
    counts_[bucket_of(value)] += times;
    count_ += times;
    sum_ += value * times;
    max_ = std::max(max_, value);
  }

  Histogram& operator+=(const Histogram& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }
  // A bound that `percent` of the values do not exceed: the upper one of a bucket, never beyond
  // max(). 0 when nothing was recorded.
  [[nodiscard]] std::uint64_t percentile(double percent) const;
  // Exactly how many values are at most 2^exponent, which must not be beyond kValueBits.
  [[nodiscard]] std::uint64_t count_up_to_power(unsigned exponent) const;

  static constexpr unsigned kDigitBits = 3;
  static constexpr std::size_t kBuckets = std::size_t{kValueBits - kDigitBits + 1} << kDigitBits;

  // The bucket of 0 holds 1, too; each later one begins behind the upper bound of that before.
  static constexpr std::size_t bucket_of(std::uint64_t value) {
    const std::uint64_t below =
        std::min(value - (value != 0), (std::uint64_t{1} << kValueBits) - 1);
    if (below < (1u << kDigitBits)) return below;
    const auto shift = static_cast<unsigned>(std::bit_width(below)) - (kDigitBits + 1);
    return (std::size_t{shift} << kDigitBits) + (below >> shift);
  }
  static constexpr std::uint64_t upper_bound_of(std::size_t bucket) {
    if (bucket < (2u << kDigitBits)) return bucket + 1;
    const std::size_t shift = (bucket >> kDigitBits) - 1;
    return std::uint64_t{bucket - (shift << kDigitBits) + 1} << shift;
  }

 private:
  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace reactor

#include "comet/drain_walk.h"

#include <bit>

namespace comet {

// A linear congruential generator modulo a power of two runs through all residues when its
// increment is odd and its multiplier is 1 modulo 4 (Hull and Dobell, 1962).
DrainWalk::DrainWalk(std::uint32_t places, std::uint64_t start_us, std::uint64_t duration_us,
                     std::uint64_t seed)
    : places_(places),
      start_us_(start_us),
      duration_us_(duration_us),
      random_(seed),
      mask_(std::bit_ceil(std::uint64_t{places} + 1) - 1),
      multiplier_((random_() & ~std::uint64_t{7}) | 5),
      increment_(random_() | 1),
      state_(random_() & mask_) {}

std::optional<std::uint32_t> DrainWalk::next(std::uint64_t now_us) {
  if (is_over()) return std::nullopt;
  const std::uint64_t elapsed_us = now_us - start_us_;
  // The place's time is its share of the duration; both factors are below 2^32.
  if (elapsed_us < duration_us_ && elapsed_us * places_ < visited_ * duration_us_) {
    return std::nullopt;
  }
  do {
    state_ = (state_ * multiplier_ + increment_) & mask_;
  } while (state_ >= places_);
  ++visited_;
  return static_cast<std::uint32_t>(state_);
}

}  // namespace comet

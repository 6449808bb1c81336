// In which order, and when, the places of a table are visited when everybody must go.
//
// Owned by Audiences while it drains. Each place is visited once, in a shuffled order and evenly
// over the time, whether it is taken or not. So those who go are spread over the time however many
// they are, no list of them is made, and neighbours do not come back together. Deterministic: the
// seed comes from outside.
#pragma once

#include <cstdint>
#include <optional>
#include <random>

namespace comet {

class DrainWalk {
 public:
  // Over the places [0, places).
  DrainWalk(std::uint32_t places, std::uint64_t start_us, std::uint64_t duration_us,
            std::uint64_t seed);

  // The next place, if its time has come.
  std::optional<std::uint32_t> next(std::uint64_t now_us);
  [[nodiscard]] bool is_over() const { return visited_ == places_; }

  // A number in [low, high], for what must not happen to all at the same time.
  std::uint32_t jitter(std::uint32_t low, std::uint32_t high) {
    return std::uniform_int_distribution<std::uint32_t>(low, high)(random_);
  }

 private:
  const std::uint64_t places_;
  const std::uint64_t start_us_;
  const std::uint64_t duration_us_;
  std::mt19937_64 random_;
  std::uint64_t mask_;  // a power of two, less one: not less than the places
  std::uint64_t multiplier_;
  std::uint64_t increment_;
  std::uint64_t state_;
  std::uint64_t visited_ = 0;
};

}  // namespace comet

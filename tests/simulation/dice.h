// Chance that can be repeated: a short sequence of numbers from one.
//
// A value. Every action of a script has its own, so that leaving out one action changes nothing
// about what the others throw.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace simulation {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  // SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
  bool chance(unsigned percent) { return next() % 100 < percent; }
  template <class T, std::size_t N>
  T one_of(const std::array<T, N>& values) {
    return values[below(N)];
  }

 private:
  std::uint64_t state_;
};

}  // namespace simulation

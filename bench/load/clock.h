// The one clock of the generator: CLOCK_MONOTONIC in nanoseconds, which all its processes share.
#pragma once

#include <ctime>

#include <cstdint>
#include <limits>

namespace load {

inline constexpr std::int64_t kMillisecond = 1'000'000;
inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

// HOT: read after every receive; a vDSO call (vdso(7)), no system call where the TSC is good.
inline std::int64_t now_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

inline double to_seconds(std::int64_t ns) { return static_cast<double>(ns) / 1e9; }

inline std::int64_t from_seconds(double seconds) {
  return static_cast<std::int64_t>(seconds * 1e9);
}

}  // namespace load

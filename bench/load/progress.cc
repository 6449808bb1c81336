#include "bench/load/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "bench/load/clock.h"

namespace load {
namespace {

constexpr std::int64_t kSilence = 1500 * kMillisecond;
constexpr std::int64_t kInterval = 200 * kMillisecond;
constexpr std::size_t kCells = 30;

}  // namespace

Progress::Progress(Wish wish)
    : shown_(wish == Wish::kShow && ::isatty(STDERR_FILENO) == 1), next_ns_(now_ns() + kSilence) {}

Progress::~Progress() { clear(); }

void Progress::show(std::int64_t now, std::string_view phase, double fraction,
                    std::string_view detail) {
  if (!shown_ || now < next_ns_) return;
  next_ns_ = now + kInterval;
  drawn_ = true;
  fraction = std::clamp(fraction, 0.0, 1.0);
  const auto filled = static_cast<std::size_t>(fraction * kCells);
  fmt::print(stderr, "\r\033[K{:<12} [{:<{}}] {:3.0f} %  {}", phase, std::string(filled, '#'),
             kCells, fraction * 100, detail);
  std::fflush(stderr);
}

void Progress::clear() {
  if (!drawn_) return;
  drawn_ = false;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
}

}  // namespace load

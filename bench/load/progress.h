// A line on a terminal that says how far a long run is. Silent elsewhere and when told to be.
#pragma once

#include <cstdint>
#include <string_view>

namespace load {

class Progress {
 public:
  enum class Wish : std::uint8_t { kShow, kHide };
  explicit Progress(Wish wish);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // fraction: 0 to 1. Draws a few times a second, and not before a run has lasted a while.
  void show(std::int64_t now, std::string_view phase, double fraction, std::string_view detail);
  // Removes the line.
  void clear();

 private:
  bool shown_;
  bool drawn_ = false;
  std::int64_t next_ns_;
};

}  // namespace load

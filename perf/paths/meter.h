// Has callgrind count what a path does, N times and 2 N times.
//
// For comet-instructions: see perf/instructions.md.
#pragma once

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#define HAS_CALLGRIND 1
#else
#define HAS_CALLGRIND 0
#endif

#include <cstdint>
#include <string>
#include <string_view>

namespace perf {

class Meter {
 public:
  Meter(std::string_view path, std::uint64_t iterations) : path_(path), iterations_(iterations) {}

  // How often the path runs altogether.
  [[nodiscard]] std::uint64_t total() const { return 4 * iterations_; }

  // body(n) does n iterations. The first ones are not counted: they fill what is kept for reuse.
  template <class Body>
  void run(Body&& body) {
    body(iterations_);
    count(body, 1);
    count(body, 2);
  }
  template <class Step>
  void each(Step&& step) {
    run([&step](std::uint64_t iterations) {
      for (; iterations > 0; --iterations) step();
    });
  }

 private:
  template <class Body>
  void count(Body& body, std::uint64_t times) {
    const std::string label = std::string(path_) + " " + std::to_string(times);
#if HAS_CALLGRIND
    CALLGRIND_ZERO_STATS;
    CALLGRIND_TOGGLE_COLLECT;
#endif
    body(times * iterations_);
#if HAS_CALLGRIND
    CALLGRIND_TOGGLE_COLLECT;
    CALLGRIND_DUMP_STATS_AT(label.c_str());
#endif
  }

  std::string_view path_;
  std::uint64_t iterations_;
};

// What was computed is used, as far as the compiler can tell.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

}  // namespace perf

// Waiting for what must come to be, on a machine that may be busy: long, but never for nothing.
#pragma once

#include <chrono>
#include <thread>

#include "tests/support/sanitized.h"

namespace support {

using Clock = std::chrono::steady_clock;

// How long anything may take before the test fails: long enough for a busy machine.
inline std::chrono::milliseconds patience() { return std::chrono::seconds(kSanitized ? 60 : 30); }

// Looks again and again until the condition holds. False if it does not within that time.
template <class Condition>
[[nodiscard]] bool eventually(Condition condition, Clock::duration within = patience()) {
  const auto end = Clock::now() + within;
  while (!condition()) {
    if (Clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace support

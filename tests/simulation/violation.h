// An invariant that does not hold: what a simulation ends with.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace simulation {

struct Violation {
  std::string what;
};

template <class... Args>
[[noreturn]] void violate(fmt::format_string<Args...> format, Args&&... args) {
  throw Violation{fmt::format(format, std::forward<Args>(args)...)};
}

}  // namespace simulation

// The message is made only when it is needed.
#define INVARIANT(condition, ...)         \
  do {                                    \
    if (!(condition)) [[unlikely]]        \
      ::simulation::violate(__VA_ARGS__); \
  } while (false)

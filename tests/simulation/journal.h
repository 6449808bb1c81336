// What happened in a simulation, a line for each: for whoever must understand a failure.
//
// Off, it costs a comparison; a failing script is run again with it on.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace simulation {

enum class Journal : std::uint8_t { kOff, kOn };

template <class... Args>
void note(Journal journal, fmt::format_string<Args...> format, Args&&... args) {
  if (journal == Journal::kOff) return;
  fmt::print(stderr, format, std::forward<Args>(args)...);
  std::fputc('\n', stderr);
}

}  // namespace simulation

// `comet-server --doctor`: asks this machine, and words the answer.
//
// Called by main before anything is started; reads files below /proc and /sys, changes nothing.
#pragma once

#include <cstdint>
#include <string>

#include "comet/config.h"

namespace comet {

struct DoctorRequest {
  static constexpr std::uint64_t kDefaultSubscribers = 100'000;
  static constexpr std::uint64_t kMostSubscribers = 1'000'000'000;

  enum class Format : std::uint8_t { kText, kJson };

  std::uint64_t subscribers = kDefaultSubscribers;
  Format format = Format::kText;
};

struct DoctorAnswer {
  bool can_hold = false;  // nothing is in the way
  std::string text;       // for stdout; in colours when that is a terminal and NO_COLOR is not set
};

DoctorAnswer consult(const DoctorRequest& request, const Config& config);

}  // namespace comet

// Why something was not done.
#pragma once

#include <cstdint>

namespace comet {

enum class Outcome : std::uint8_t {
  kOk,
  kUnknownChannel,
  kTooManyChannels,
  kTooManySubscribers,
  kTokenError,
  kOverloaded,
  kNumbersShort,
  kMemoryFull,
};

}  // namespace comet

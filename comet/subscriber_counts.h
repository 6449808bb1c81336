// How many subscribers of each transport there are. /psub is not one of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "comet/transport.h"

namespace comet {

// The transports of the front port come first in the enumeration.
inline constexpr std::size_t kFrontTransports = 5;
static_assert(static_cast<std::size_t>(Transport::kPresence) == kFrontTransports);

// As /info and /metrics list them.
inline constexpr std::array<Transport, kFrontTransports> kListedTransports{
    Transport::kPoll, Transport::kStream, Transport::kIframe, Transport::kSse,
    Transport::kWebSocket};

class SubscriberCounts {
 public:
  std::uint32_t& operator[](Transport transport) {
    return counts_[static_cast<std::size_t>(transport)];
  }
  std::uint32_t operator[](Transport transport) const {
    return counts_[static_cast<std::size_t>(transport)];
  }
  [[nodiscard]] std::uint64_t total() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
  }
  SubscriberCounts& operator+=(const SubscriberCounts& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    return *this;
  }
  friend bool operator==(const SubscriberCounts&, const SubscriberCounts&) = default;

 private:
  std::array<std::uint32_t, kFrontTransports> counts_{};
};

}  // namespace comet

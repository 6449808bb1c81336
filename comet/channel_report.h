// What one core knows of one channel when /info?cname= asks all of them.
#pragma once

#include <cstdint>
#include <optional>

#include "comet/subscriber_counts.h"

namespace comet {

struct ChannelReport {
  // What the channel's home says. Times are ages, as only whoever asked knows the wall clock.
  struct Home {
    std::uint64_t subscribers = 0;  // let in
    std::uint64_t first_seq = 0;    // oldest buffered number; next_seq when nothing is buffered
    std::uint64_t next_seq = 0;
    std::uint64_t messages = 0;  // buffered
    std::uint64_t bytes = 0;     // of their contents
    std::uint64_t age_s = 0;
    std::optional<std::uint64_t> last_message_age_s;
    std::optional<std::uint64_t> expires_s;  // nothing while it has subscribers
  };

  std::optional<Home> home;
  SubscriberCounts subscribers;  // seated on the reporting core
};

}  // namespace comet

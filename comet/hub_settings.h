// What a hub needs to know of the configuration, in its own units.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "comet/allowed_origins.h"
#include "comet/config.h"

namespace comet {

struct HubSettings {
  std::size_t core = 0;
  std::size_t cores = 1;
  Auth auth = Auth::kNone;
  bool create_channels = true;  // may subscribers?
  std::uint32_t max_channels = 0;
  std::uint32_t max_subscribers_per_channel = 0;
  std::uint32_t max_channels_per_connection = 0;
  std::uint32_t channel_buffer_size = 0;  // messages
  std::uint64_t channel_timeout_ms = 0;
  std::uint64_t polling_timeout_ms = 0;
  std::uint32_t backlog_messages_max = 0;
  std::uint64_t backlog_bytes_max = 0;
  SlowSubscriber slow_subscriber = SlowSubscriber::kClose;
  std::uint64_t coalesce_us = 0;
  std::string origin_headers;  // of every front response
  std::uint32_t sse_retry_ms = 0;
  // How long a pass over an audience and the rest after it take together, for each seat: a send
  // costs about a third of it.
  std::uint64_t coalesce_us_per_seat = 10;

  static HubSettings from(const Config& config, std::size_t core, std::size_t cores) {
    const auto& front = config.front;
    return {core,
            cores,
            front.auth,
            front.create_channels,
            front.max_channels,
            front.max_subscribers_per_channel,
            front.max_channels_per_connection,
            front.channel_buffer_size,
            std::uint64_t{front.channel_timeout_s} * 1000,
            std::uint64_t{front.polling_timeout_s} * 1000,
            front.backlog_messages,
            front.backlog_bytes,
            front.slow_subscriber,
            front.coalesce_us,
            AllowedOrigins::common_headers(front.allow_origins),
            front.sse_retry_ms,
            10};
  }
};

}  // namespace comet

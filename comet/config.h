// What an operator decides, checked and complete.
//
// A value; what is in force is shared by all cores as a Snapshot (comet/live_config.h) and never
// changed. The settings behind it stand in one table, comet/settings.h: it drives parsing, bounds,
// errors, the reference configuration and the documentation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace comet {

// Who may subscribe: anybody, or who shows the token that /sign returned.
enum class Auth : std::uint8_t { kNone, kToken };

// What happens to a subscriber who needs a message that is no longer kept.
enum class SlowSubscriber : std::uint8_t {
  kClose,  // its connection closes, and it comes back with its seq
  kSkip,   // it goes on at the oldest message that is kept, and is told so by next_seq
};

// Bounds front.max_channels_per_connection: what a connection keeps by channel is small.
inline constexpr std::uint32_t kChannelsPerConnectionMax = 256;

// The initial values are the defaults, here and nowhere else.
struct Config {
  struct Front {
    std::vector<std::string> listen{"0.0.0.0:8100"};
    Auth auth = Auth::kNone;
    bool create_channels = true;
    std::uint32_t max_connections = 0;
    std::uint32_t max_connections_per_address = 0;
    std::uint32_t accepts_per_second = 0;
    std::uint32_t max_channels = 10'000'000;
    std::uint32_t max_subscribers_per_channel = 10'000'000;
    std::uint32_t max_channels_per_connection = 32;
    std::uint32_t channel_buffer_size = 100;
    std::uint32_t channel_timeout_s = 60;
    std::uint32_t polling_timeout_s = 30;
    std::vector<std::string> allow_origins{"*"};
    std::uint32_t sse_retry_ms = 2000;
    std::uint32_t backlog_messages = 8192;
    std::uint32_t backlog_bytes = 4u << 20;
    SlowSubscriber slow_subscriber = SlowSubscriber::kClose;
    std::uint32_t coalesce_us = 1000;
    bool demo = false;
  };
  struct Admin {
    std::vector<std::string> listen{"127.0.0.1:8000"};
    std::vector<std::string> allow{"127.0.0.0/8", "::1"};
    std::vector<std::string> deny{"all"};
    std::vector<std::string> key;  // any of them; empty: none is needed
    std::uint32_t reserved_descriptors = 64;
  };
  struct Logger {
    std::string level = "info";
    std::string output = "stderr";
    std::string format = "text";
  };
  struct Limits {
    std::uint32_t target_bytes = 64u << 10;
    std::uint32_t header_bytes = 32u << 10;
    std::uint32_t header_count = 100;
    std::uint32_t body_bytes = 8u << 20;
    std::uint32_t content_bytes = 1u << 20;
    std::uint32_t batch_messages = 10'000;
    std::uint32_t websocket_message_bytes = 64u << 10;
    std::uint32_t header_timeout_s = 10;
    std::uint32_t body_timeout_s = 30;
    std::uint32_t idle_timeout_s = 75;
    std::uint32_t peer_timeout_s = 120;
    std::uint32_t keepalive_s = 120;
    std::uint32_t unsent_bytes = 128u << 10;
    std::size_t max_memory = 0;  // of all that the server keeps; 0: no limit
  };

  std::size_t reactors = 0;  // 0: one for each CPU that the process may run on
  bool pin_reactors = true;  // only when there are at least as many CPUs as reactors
  std::uint32_t drain_timeout_s = 10;
  std::string pidfile;                  // empty: none
  std::string state_file;               // empty: nothing is saved
  std::uint32_t state_interval_s = 60;  // 0: only when the server stops
  std::vector<std::string> trusted_proxies;
  Front front;
  Admin admin;
  Logger logger;
  Limits limits;
};

}  // namespace comet

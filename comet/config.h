// What an operator decides, checked and complete.
//
// Built once by main before any core starts and immutable from then on, so every core may read
// it. The settings behind it stand in one table, comet/settings.h: it drives parsing, bounds,
// errors, the reference configuration and the documentation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reactor/result.h"

namespace comet {

// Who may subscribe: anybody, or who shows the token that /sign returned.
enum class Auth : std::uint8_t { kNone, kToken };

// The initial values are the defaults, here and nowhere else.
struct Config {
  struct Front {
    std::vector<std::string> listen{"0.0.0.0:8100"};
    Auth auth = Auth::kNone;
    std::uint32_t max_channels = 10'000'000;
    std::uint32_t max_subscribers_per_channel = 10'000'000;
    std::uint32_t channel_buffer_size = 100;
    std::uint32_t channel_timeout_s = 60;
    std::uint32_t polling_timeout_s = 30;
    std::string allow_origin = "*";
    std::uint32_t backlog_messages = 8192;
    std::uint32_t backlog_bytes = 4u << 20;
    std::uint32_t coalesce_us = 1000;
  };
  struct Admin {
    std::vector<std::string> listen{"127.0.0.1:8000"};
    std::vector<std::string> allow{"127.0.0.0/8", "::1"};
    std::vector<std::string> deny{"all"};
  };
  struct Logger {
    std::string level = "info";
    std::string output = "stderr";
  };
  struct Limits {
    std::uint32_t target_bytes = 64u << 10;
    std::uint32_t header_bytes = 32u << 10;
    std::uint32_t header_count = 100;
    std::uint32_t body_bytes = 8u << 20;
    std::uint32_t content_bytes = 1u << 20;
    std::uint32_t header_timeout_s = 10;
    std::uint32_t body_timeout_s = 30;
    std::uint32_t idle_timeout_s = 75;
  };

  std::size_t reactors = 0;  // 0: one for each CPU that the process may run on
  bool pin_reactors = true;  // only when there are at least as many CPUs as reactors
  std::uint32_t drain_timeout_s = 10;
  std::string pidfile;  // empty: none
  Front front;
  Admin admin;
  Logger logger;
  Limits limits;
};

// Reads a configuration: the defaults, then the file's text, then `overrides` ("key=value", the
// last of a repeated key counts). `file_name` is only for errors, which name a line and a column.
reactor::Result<Config> load_config(std::string_view toml_text, std::string_view file_name,
                                    std::span<const std::string> overrides);

// The pages that are generated from the table: conf/comet.toml, and README's table in Markdown.
std::string render_reference_config();
std::string render_settings_table();

}  // namespace comet

// What /info says, as JSON: pure functions from what the cores reported.
//
// The first keys, their order and their spelling are what deployed clients read (API.md section 5).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "comet/channel_report.h"
#include "comet/core_report.h"
#include "comet/server_facts.h"

namespace comet {

// About the server. `cores` has a report of each core, in their order.
std::string render_info(const ServerFacts& facts, std::span<const CoreReport> cores);

// About a channel, which may not exist. `cores` likewise; at most one of them is its home.
std::string render_channel_info(std::string_view cname, std::int64_t now_unix_s,
                                std::span<const ChannelReport> cores);

}  // namespace comet

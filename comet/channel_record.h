// A channel as it is saved and restored: a value without subscribers and without a core.
//
// Made by a home's core, written by the state's writer, read again when a server starts. The
// messages are references, so taking a record copies no content.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "comet/history.h"
#include "comet/token.h"

namespace comet {

struct ChannelRecord {
  std::string name;
  Token token;
  std::uint64_t next = 1;            // number of its next message
  std::int64_t expires_unix_ms = 0;  // when it is forgotten, unless somebody subscribes
  bool had_subscribers = false;      // its life without subscribers had not begun
  std::vector<History> runs;         // buffered messages: none empty, rising, all below `next`

  [[nodiscard]] std::uint64_t messages() const {
    std::uint64_t sum = 0;
    for (const History& run : runs) sum += run.size();
    return sum;
  }
};

// How long a channel that was saved at one time lives on without subscribers from another, later
// one, by the wall clock; 0: it is over. Nobody could come back while the server was away, so a
// channel that had subscribers begins its whole time anew. A clock that was set back gives nothing.
std::uint64_t life_left_ms(const ChannelRecord& channel, std::int64_t saved_unix_ms,
                           std::int64_t now_unix_ms, std::uint64_t channel_timeout_ms);

}  // namespace comet

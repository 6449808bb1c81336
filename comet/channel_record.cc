#include "comet/channel_record.h"

#include <algorithm>

namespace comet {

std::uint64_t life_left_ms(const ChannelRecord& channel, std::int64_t saved_unix_ms,
                           std::int64_t now_unix_ms, std::uint64_t channel_timeout_ms) {
  if (channel.had_subscribers) return channel_timeout_ms;
  const std::int64_t now = std::max(now_unix_ms, saved_unix_ms);
  if (channel.expires_unix_ms <= now) return 0;
  return static_cast<std::uint64_t>(channel.expires_unix_ms) - static_cast<std::uint64_t>(now);
}

}  // namespace comet

// What a watcher of /psub hears of.
#pragma once

#include <cstddef>
#include <cstdint>

namespace comet {

enum class PresenceEvents : std::uint8_t {
  kChannels,     // channels that come and go: "1 cname", "0 cname"
  kSubscribers,  // that, and their subscribers: "join 3 cname", "leave 2 cname"
};
inline constexpr std::size_t kPresenceEvents = 2;

}  // namespace comet

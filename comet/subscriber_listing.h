// /presence: the subscribers of one channel, a page at a time.
//
// Every core lists its own, from its last seat to its first, since a seat that is given up is
// filled by one behind it: so whoever stays is met at least once, whatever comes and goes between
// two pages (and perhaps twice). Who comes after the first page is perhaps not met. A page costs
// its length, not that of the channel: nothing is counted, sorted or copied beyond it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "comet/name.h"
#include "comet/transport.h"

namespace comet {

// What the kernel knows of a connection's other end.
struct PeerFacts {
  std::string address;                    // with the port; "" on a Unix socket
  std::optional<std::uint64_t> heard_ms;  // how long ago it sent something last
};

// Where a page begins: on this core below that seat, then on the cores behind it.
struct SubscriberPlace {
  static constexpr std::uint32_t kLastSeat = UINT32_MAX;

  std::uint32_t core = 0;
  std::uint32_t below_seat = kLastSeat;

  // As in a page's "next": "1:4711".
  static std::optional<SubscriberPlace> parse(std::string_view cursor);
  [[nodiscard]] std::string cursor() const;
};

struct SubscriberQuery {
  static constexpr std::size_t kLimitDefault = 100;
  static constexpr std::size_t kLimitMax = 1000;

  ChannelName name;
  std::size_t limit = kLimitDefault;
  SubscriberPlace after;

  // From which seat down a core has to list its own; nothing when the page begins behind it.
  [[nodiscard]] std::optional<std::uint32_t> below_seat(std::size_t core) const {
    if (core < after.core) return std::nullopt;
    return core == after.core ? after.below_seat : SubscriberPlace::kLastSeat;
  }
};

struct ListedSubscriber {
  std::uint32_t seat = 0;
  Transport transport = Transport::kStream;
  std::string address;
  std::optional<std::uint64_t> age_ms;  // since it asked
};

// Of one core.
struct SubscriberPage {
  std::optional<std::uint64_t> all;        // how many the channel has; its home says it
  std::vector<ListedSubscriber> listed;    // at most `limit`
  std::optional<std::uint32_t> next_seat;  // there are some below it
};

// The first `limit` of all cores' pages, by core.
// {"cname": "a", "subscribers": 1, "list": [{"address": …}], "next": null} and a line break.
std::string render_subscriber_page(std::string_view cname, std::int64_t now_unix_s,
                                   const std::vector<SubscriberPage>& cores, std::size_t limit);

}  // namespace comet

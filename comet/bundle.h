// A connection with several channels, and every WebSocket: what its subscribers have in common.
//
// Owned by Bundles, one for each such connection. The connection's own record, the lead, is a
// Subscriber without a channel: its heartbeat and its noop are the connection's, and whoever speaks
// of the connection (leave, writable) names it. Each channel has a member: a Subscriber with a seat
// like any other's, so that deliveries know no difference. Members share one stream of bytes, which
// is kept in order by one rule: between two calls of Wire, it stands between two frames. What the
// socket does not take of a frame is the connection's to keep; a member never stands within one.
//
// An idle WebSocket has one, too, so what only some transports need stands elsewhere in Bundles.
// Plain data; the rules are in audiences_bundles*.cc.
#pragma once

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "comet/config.h"
#include "comet/transport.h"
#include "reactor/slab.h"

namespace comet {

// What a connection keeps besides its members, by its transport.
enum class BundleKind : std::uint8_t {
  kPlain,      // nothing
  kEvents,     // where its channels stand, as the id of each event has it
  kPoll,       // its answer, as it grows
  kWebSocket,  // when its request came; and channels that are over leave no place
};
constexpr BundleKind kind_of(Transport transport) {
  switch (transport) {
    case Transport::kSse:
      return BundleKind::kEvents;
    case Transport::kPoll:
      return BundleKind::kPoll;
    case Transport::kWebSocket:
      return BundleKind::kWebSocket;
    default:
      return BundleKind::kPlain;
  }
}

struct Bundle {
  explicit Bundle(BundleKind its_kind) : kind(its_kind) {}

  [[nodiscard]] std::size_t place(std::uint32_t member) const {
    return static_cast<std::size_t>(std::ranges::find(members, member) - members.begin());
  }
  // Whose place comes behind that one, round about.
  [[nodiscard]] std::uint8_t behind(std::size_t place) const {
    return static_cast<std::uint8_t>((place + 1) % members.size());
  }
  // Of those whose channel is not over; kNoIndex: there are none.
  [[nodiscard]] std::uint32_t first_member() const {
    const auto first = std::ranges::find_if(
        members, [](std::uint32_t member) { return member != reactor::kNoIndex; });
    return first == members.end() ? reactor::kNoIndex : *first;
  }

  // Whether all other channels are over.
  [[nodiscard]] bool is_last(std::uint32_t member) const {
    return std::ranges::all_of(members, [&](std::uint32_t other) {
      return other == reactor::kNoIndex || other == member;
    });
  }

  // In the order of the request, with kNoIndex where a channel is over. Those of a WebSocket have
  // no order to keep, and go.
  absl::InlinedVector<std::uint32_t, 4> members;
  union {                       // by kind
    std::uint32_t began_s = 0;  // kWebSocket: when the connection's request came
    std::uint32_t positions;    // kEvents: its positions, in Bundles
    std::uint32_t answer;       // kPoll: its HeldAnswer, in Bundles
  };
  std::uint8_t next_to_serve = 0;  // the place of who is first when the socket has room again
  std::uint8_t next_to_fetch = 0;  // and of who may fetch history next
  BundleKind kind : 2;
  std::uint16_t joining : 9 = 0;  // members that have no seat yet, as their homes have not answered
  bool fetching : 1 = false;      // a member fetches history: one at a time
  bool full : 1 = false;          // Hub::writable() will come; else no member is blocked
  bool returns : 1 = false;       // the connection has subscribed before
  bool heard : 1 = true;          // from a WebSocket's client, since the last ping
  bool leaving : 1 = false;       // ends as soon as everybody is up to date
};
static_assert(sizeof(Bundle) == 32);
static_assert(kChannelsPerConnectionMax - 1 <= std::numeric_limits<std::uint8_t>::max());

}  // namespace comet

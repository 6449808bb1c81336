// A connection with several channels, and every WebSocket: what its subscribers have in common.
//
// Owned by Audiences, one for each such connection. The connection's own record, the lead, is a
// Subscriber without a channel: its heartbeat and its noop are the connection's, and whoever speaks
// of the connection (leave, writable) names it. Each channel has a member: a Subscriber with a seat
// like any other's, so that deliveries know no difference. Members share one stream of bytes, which
// is kept in order by one rule: between two calls of Wire, it stands between two frames. What the
// socket does not take of a frame is the connection's to keep; a member never stands within one.
//
// Plain data; the rules are in audiences_bundles*.cc.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "comet/subscribe_request.h"
#include "reactor/slab.h"

namespace comet {

struct Bundle {
  enum class Origin : std::uint8_t { kRequest, kOperation };
  struct Member {
    std::uint32_t subscriber;  // kNoIndex once its channel is over
    Origin origin;
    bool joining = true;         // its home has not answered yet
    std::int64_t last_seen = 0;  // while it has no seat: the number before the one it wants next
  };

  [[nodiscard]] Member& member(std::uint32_t subscriber) { return members[place(subscriber)]; }
  [[nodiscard]] std::size_t place(std::uint32_t subscriber) const {
    const auto is_it = [&](const Member& member) { return member.subscriber == subscriber; };
    return static_cast<std::size_t>(std::find_if(members.begin(), members.end(), is_it) -
                                    members.begin());
  }

  std::vector<Member> members;      // in the order of the request
  std::uint32_t present = 0;        // members that are not over
  std::uint32_t joining = 0;        // of those
  std::uint32_t next_to_serve = 0;  // the place of who is first when the socket has room again
  std::uint32_t next_to_fetch = 0;  // and of who may fetch history next
  std::uint32_t fetching = reactor::kNoIndex;  // the member that does: one at a time
  std::uint64_t began_ms = 0;                  // when the connection's request came
  std::uint64_t told_ms = 0;                   // when something that is no message was last written
  bool full = false;         // Hub::writable() will come; else no member is blocked
  bool returns = false;      // the connection has subscribed before
  bool heard = true;         // from a WebSocket's client, since the last ping
  bool half_closed = false;  // the client will send no more; seen before all homes had answered
  bool leaving = false;      // ends as soon as everybody is up to date
  // Of a poll, which is answered when every home has answered and something is held.
  PollRequest poll;
  std::vector<std::string> held;  // by member: objects, separated by commas
  std::size_t held_counted = 0;   // bytes of it
  std::size_t held_objects = 0;
  bool waited = false;  // some of them were there before the request
};

}  // namespace comet

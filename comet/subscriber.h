// One waiting response: who gets it, where it stands, and its heartbeat.
//
// Owned by the core of its connection. A subscriber is a cursor into its audience's window, not a
// queue: however slow it is, it costs these bytes. The cursor itself stands in the audience's
// dense list of seats, which is what a sweep runs through; this record is touched only when the
// subscriber comes, goes, falls behind or is reminded that we live.
#pragma once

#include <cstdint>

#include "comet/transport.h"
#include "reactor/slab.h"
#include "reactor/timer_wheel.h"

namespace comet {

// What a record stands for; see Bundle.
enum class Role : std::uint8_t {
  kAlone,   // a connection and its only channel
  kLead,    // a connection with several channels: has no audience
  kMember,  // one of those
};

struct Subscriber {
  std::uint32_t session;
  std::uint32_t audience;
  std::uint32_t seat = reactor::kNoIndex;  // kNoIndex while its home has not let it in yet
  union {
    std::uint32_t frame_offset = 0;  // endless: bytes of the message at its cursor that have left
    std::uint32_t poll;              // is_poll(): its PollRequest
    std::uint32_t bundle;            // kLead
  };
  union {
    std::int64_t noop = 0;  // number of the next heartbeat
    std::uint32_t lead;     // kMember
  };
  reactor::TimerLink heartbeat;
  Framing framing;
  bool keep_alive : 1 = true;    // what the request asked for; the response says it
  bool half_closed : 1 = false;  // the client will send no more; seen before it was let in
  bool fetching : 1 = false;     // the next part of the history was asked for
  bool added : 1 = false;        // kMember: by an operation, which is answered; not by the request
  Role role : 2 = Role::kAlone;

  [[nodiscard]] bool is_poll() const { return framing.transport == Transport::kPoll; }

  Subscriber(std::uint32_t session_index, std::uint32_t audience_index, Framing subscriber_framing)
      : session(session_index), audience(audience_index), framing(subscriber_framing) {}
};
static_assert(sizeof(Subscriber) == 40, "a subscriber fits into one cache line");

// How a seat gets its next message.
enum class SeatState : std::uint8_t {
  kLive,     // from the window, with the next sweep
  kBlocked,  // from the window, when the poller says that its socket is no longer full
  kReplay,   // from the home: what it needs is older than the window. Sweeps pass it over
};

// A place in an audience: all that a sweep needs, read in order.
struct Seat {
  std::uint32_t subscriber;
  std::uint32_t session;
  std::uint32_t cursor_low;  // low half of the number of the next message it needs
  Framing framing;
  SeatState state;
  bool leaving : 1 = false;  // not live: its response ends as soon as it is up to date
  bool apart : 1 = false;    // what it gets is made for it alone: no run is shared with it
};
static_assert(sizeof(Seat) == 16);

}  // namespace comet

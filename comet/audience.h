// The local half of a channel: its subscribers on this core and the recent messages they need.
//
// Owned by Audiences. Plain data; the rules are there.
#pragma once

#include <absl/container/inlined_vector.h>

#include <cstdint>

#include "comet/history.h"
#include "comet/hub_message.h"
#include "comet/subscriber.h"
#include "comet/subscriber_counts.h"

namespace comet {

struct Audience {
  explicit Audience(ChannelName channel_name) : name(std::move(channel_name)) {}

  // The number that a seat stands at: the window's end is at most 2^32 - 1 messages ahead.
  [[nodiscard]] std::uint64_t cursor(const Seat& seat) const { return number(seat.cursor_low); }
  // Of a message whose number's low half is known, under the same condition.
  [[nodiscard]] std::uint64_t number(std::uint32_t low) const {
    return window.next() -
           static_cast<std::uint32_t>(static_cast<std::uint32_t>(window.next()) - low);
  }

  ChannelName name;
  History window{1};  // live messages that some seat may still need; not those in replay
  absl::InlinedVector<Seat, 1> seats;    // of most channels, a core has one
  std::uint64_t delivered_ms = 0;        // when the newest message came: heartbeats count from it
  std::uint64_t rests_until_us = 0;      // no pass begins before
  Ref channel;                           // at the home
  std::uint32_t sweep_seat = 0;          // seats before it are done in this pass
  std::uint32_t joining = 0;             // subscribers whose Join is under way
  std::uint32_t departed = 0;            // seats gone, of which the home must be told
  std::uint32_t departed_observers = 0;  // those of them that were no subscribers
  std::uint32_t blocked = 0;             // seats in SeatState::kBlocked
  std::uint32_t oldest_blocked_low = 0;  // no blocked seat's cursor is older
  std::uint32_t pass_end_low = 0;        // the window's end when the sweep's pass began
  std::uint32_t delivered_low = 0;       // the end of what passes have brought to everybody
  std::uint32_t pass_served = 0;         // subscribers, in the pass that is under way
  SubscriberCounts by_transport;         // of seats; /psub has none
  std::uint32_t epoch : 27 = 0;          // changes when the numbers begin anew: another channel
  bool dirty : 1 = false;                // in the queue of those to be swept, or resting before it
  bool in_review : 1 = false;            // in the list of those to be looked at when the turn ends
  bool closing : 1 = false;              // closed at home; lives on until all seats know
  bool behind : 1 = false;               // its home was told so; it is dirty then
  bool for_presence : 1 = false;         // of watchers of /psub: no channel's, and without a home
};
static_assert(sizeof(Audience) == 192);

}  // namespace comet

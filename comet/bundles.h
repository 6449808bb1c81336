// One core's connections with several channels, and its WebSockets: the records of what each has.
//
// Part of Audiences. A record is a Bundle, and what only some transports need of it: where the
// channels of an event stream stand, what is held for a poll. All that must agree between these is
// kept here: members and places change by enlist() and detach() alone. Of seats, homes and sockets
// nothing is known: those rules are Audiences' (audiences_bundles*.cc), and so are a Bundle's
// flags.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "comet/bundle.h"
#include "comet/held_answer.h"
#include "comet/subscribe_request.h"
#include "reactor/slab.h"

namespace comet {

class Bundles {
 public:
  // Returns the connection's Bundle, still without members. Of the request goes what is the
  // connection's own; its channels stay.
  std::uint32_t open(SubscribeRequest& request, std::uint64_t now_ms);
  void close(std::uint32_t index);

  Bundle& operator[](std::uint32_t index) { return bundles_[index]; }
  const Bundle& operator[](std::uint32_t index) const { return bundles_[index]; }
  [[nodiscard]] std::size_t size() const { return bundles_.size(); }

  // A channel more, behind the others: its member, which has no seat yet, and the number that is
  // wanted of it.
  void enlist(Bundle& bundle, std::uint32_t member, std::int64_t wanted);
  // The member's channel is over. Its place stays, where places mean something. `last_seen` is
  // where its seat stood; none: it had no seat yet.
  void detach(Bundle& bundle, std::uint32_t member, LastSeen last_seen);

  // kEvents. Of a place without a seat: the number before the one that is wanted next.
  [[nodiscard]] std::int64_t position(const Bundle& bundle, std::size_t place) const {
    return positions_[bundle.positions][place];
  }

  // kPoll. Adds objects to what is held of a member; see HeldAnswer::hold().
  template <class Append>
  std::size_t hold(const Bundle& bundle, std::uint32_t member, PollForm form, Append&& append) {
    HeldAnswer& answer = held_answers_[bundle.answer];
    held_memory_ -= answer.memory();
    const std::size_t bytes = answer.hold(bundle.place(member), form, append);
    held_memory_ += answer.memory();
    return bytes;
  }
  // kPoll. All that is held.
  [[nodiscard]] const HeldAnswer& held(const Bundle& bundle) const {
    return held_answers_[bundle.answer];
  }

  // Of the records themselves.
  [[nodiscard]] std::size_t memory() const;
  // Of what polls brought, and of what is held for them.
  [[nodiscard]] std::size_t held_memory() const { return held_memory_; }

  // Tests: walks all records and checks what must agree.
  void validate();

 private:
  // By place, of members without a seat: see position().
  using Positions = std::vector<std::int64_t>;

  reactor::Slab<Bundle> bundles_;
  reactor::Slab<HeldAnswer> held_answers_;  // of kPoll
  reactor::Slab<Positions> positions_;      // of kEvents
  std::size_t members_ = 0;                 // of all bundles: places, with or without a channel
  std::size_t held_memory_ = 0;             // of all held answers
};

}  // namespace comet

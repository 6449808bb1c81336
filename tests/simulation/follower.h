// Follows what one subscriber gets: from its start on, in order, none missing, none twice.
//
// Owned by a simulation, one for each subscriber. What is not as it must be is a Violation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "comet/wire.h"
#include "tests/simulation/peer.h"
#include "tests/support/memory_wire.h"
#include "tests/support/transcript.h"

namespace simulation {

// Whether a subscriber that was too slow may go on behind a gap that it was told of.
enum class Gaps : std::uint8_t { kNone, kAnnounced };

std::string replaced(std::string text, std::string_view from, std::string_view to);

class Follower {
 public:
  Follower(const Peer& peer, const Gaps& gaps);

  // The bytes that came since the last call. Returns the messages among them.
  std::vector<support::Event> read(const support::MemorySession& session);
  // Nothing is under way, and everything that could be read was.
  void check_complete(const support::MemorySession& session) const;
  // The number that a client would ask for next.
  [[nodiscard]] std::uint64_t next() const { return begun_ ? next_ : peer_.start; }

  // --- Of one among several channels, whose messages somebody else takes apart.
  void follow(const support::Event& event);
  [[nodiscard]] bool is_over() const { return closed_ || refused_; }
  [[nodiscard]] bool is_within_broadcast() const { return broadcast_; }
  [[nodiscard]] bool may_be_sent_away() const {
    return !broadcast_ && (begun_ ? told_ : !peer_.tell_next);
  }
  // Something came that was there before the subscriber.
  [[nodiscard]] bool has_begun_with_history() const {
    return begun_ && !refused_ && !peer_.tell_next && peer_.start < peer_.joined_at;
  }
  void check_channel_complete() const;
  // As it stands in what the transport sends.
  [[nodiscard]] std::string in_json(std::string text) const;

 private:
  void follow_message(const support::Event& event);
  [[nodiscard]] bool is_at_gap() const;
  void cross_gap(const support::Event& event);
  [[nodiscard]] bool is_refusal(const std::vector<support::Event>& events) const;
  void check_absent(const support::MemorySession& session) const;
  void check_poll(const support::MemorySession& session, std::vector<support::Event>& events);
  void check_ended_endless(const support::MemorySession& session) const;
  void expect(const support::Event& event, const support::Event& wanted) const;

  const Peer& peer_;
  const Gaps& gaps_;  // may change while the subscriber listens
  support::EndlessReader reader_;
  std::size_t read_ = 0;    // bytes of the session's
  std::uint64_t next_ = 0;  // the number of the message that must come next
  std::int64_t noop_;
  std::size_t events_ = 0;
  bool begun_ = false;      // the first message came
  bool told_ = false;       // of the next number, where it must be
  bool broadcast_ = false;  // the next_seq of a broadcast is due
  bool closed_ = false;     // the channel's end came
  bool refused_ = false;    // it was not let in
};

}  // namespace simulation

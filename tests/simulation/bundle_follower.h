// Follows what comes on a connection with several channels, or on a WebSocket: whole frames, each
// for a channel that is there, and for each channel what its Follower demands.
//
// Owned by a simulation, one for each such connection; the subscriptions are the simulation's. What
// is not as it must be is a Violation.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "comet/subscribe_request.h"
#include "tests/simulation/subscription.h"
#include "tests/support/memory_wire.h"
#include "tests/support/transcript.h"

namespace simulation {

class BundleFollower {
 public:
  BundleFollower(std::size_t number, const comet::SubscribeRequest& request,
                 const std::vector<Subscription*>& channels);

  [[nodiscard]] std::size_t number() const { return number_; }
  [[nodiscard]] const comet::Framing& framing() const { return framing_; }
  [[nodiscard]] bool is_poll() const { return framing_.transport == comet::Transport::kPoll; }
  [[nodiscard]] bool is_websocket() const {
    return framing_.transport == comet::Transport::kWebSocket;
  }
  [[nodiscard]] bool may_be_used_again() const { return keep_alive_ && framing_.chunked; }

  // --- Operations of a WebSocket's client, as they are sent.
  void added(Subscription& channel) { channels_.push_back({&channel, Origin::kOperation}); }
  void dropped(const std::string& name);
  void expect_error(const std::string& name, const std::string& reason) {
    expected_.push_back({"error", name, 0, reason});
  }

  // The bytes that came since the last call. Returns the messages among them.
  std::vector<support::Event> read(const support::MemorySession& session);
  // Nothing is under way, and everything that could be read was.
  void check_complete(const support::MemorySession& session) const;
  // Whether a ping has come since the last call.
  bool was_pinged() { return std::exchange(pinged_, false); }

  // Those whose end was not read yet, and who did not leave.
  [[nodiscard]] std::vector<Subscription*> present() const;
  // All that there ever were.
  [[nodiscard]] const std::deque<Subscription*>& all() const { return all_; }

  bool left = false;           // what it got need not be complete
  bool hindered = false;       // its socket was full at some time
  bool finished = false;       // its response has ended
  std::uint64_t heard_ms = 0;  // when it got something last

 private:
  enum class Origin : std::uint8_t { kRequest, kOperation };
  struct Channel {
    Subscription* subscription;
    Origin origin;
    bool answered = false;  // the operation: the channel's messages may come
  };

  [[nodiscard]] std::string name_of(const Channel& channel) const;
  Channel& channel_named(const support::Event& event);
  void end(const Channel& channel);
  void follow(const support::Event& event);
  void follow_noop(const support::Event& event);
  void follow_answer(const support::Event& event);
  void follow_refusal(const support::Event& event);
  void check_ended(const support::MemorySession& session) const;
  void check_poll(const support::MemorySession& session, std::vector<support::Event>& events);

  std::size_t number_;
  comet::Framing framing_;
  bool keep_alive_;
  std::string callback_;
  std::int64_t noop_;
  std::deque<Channel> channels_;  // whose end was not read yet, in the order of their coming
  std::deque<Subscription*> all_;
  std::deque<support::Event> expected_;  // answers to operations that were answered at once
  support::EndlessReader reader_;
  std::size_t read_ = 0;  // bytes of the session's
  bool pinged_ = false;
};

}  // namespace simulation

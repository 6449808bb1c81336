// A hub's world in memory: connections that accept as much as a test lets them.
//
// Owned by a test, one for each hub; single-threaded. A session stands for a connection whose
// socket has `room` bytes left; what write() can't place is kept as a real connection keeps it. Use
// of a session beyond the contract of comet::Wire fails the test.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "comet/wire.h"
#include "reactor/slab.h"

namespace support {

inline constexpr std::size_t kEverything = std::numeric_limits<std::size_t>::max();

struct MemorySession {
  std::string received;  // what the peer has
  std::string kept;      // written, not yet in the socket
  std::size_t room = kEverything;
  std::size_t lives = kEverything;  // bytes that the peer takes before it dies
  bool gone = false;                // the peer is dead: the next send will find out
  bool listening = false;           // a subscriber of the hub uses it
  bool counted = false;             // why its response ends
  std::optional<comet::Ending> ended;
  std::uint32_t subscriber = reactor::kNoIndex;
  std::vector<std::size_t> sends;  // bytes taken by each successful send() and write()
};

class MemoryWire final : public comet::Wire {
 public:
  // Where post() goes; by default nowhere, which a hub on its own must not need.
  std::function<void(std::size_t core, comet::HubMessage&& message)> on_post;
  std::function<void(std::uint32_t session)> on_ended;
  std::function<void(const comet::Answer& answer)> on_answer;
  std::function<void(std::size_t core, const comet::PushReport& report)> on_pushed;
  std::function<void(std::uint32_t session)> on_received;
  // How many messages to that core wait; by default backlog_of_every_core.
  std::function<std::size_t(std::size_t core)> on_backlog;
  std::size_t backlog_of_every_core = 0;
  // A fault for a test to plant: what send() is about to return for `size` bytes.
  std::function<void(comet::Sent& sent, std::size_t size)> distort_sent;

  // A new connection whose next response is about to begin.
  std::uint32_t open(std::size_t room = kEverything);
  // The next request on a connection whose response has ended.
  void reopen(std::uint32_t session);
  MemorySession& operator[](std::uint32_t session) { return sessions_.at(session); }
  [[nodiscard]] std::size_t size() const { return sessions_.size(); }

  // The peer reads: `bytes` more fit. True when the hub must hear of it (Hub::writable).
  bool grant(std::uint32_t session, std::size_t bytes);

  // Answers to commands and surveys, in the order in which they came.
  std::vector<comet::Answer> answers;
  // What the cores said to the last question that was asked of all of them.
  std::vector<comet::Finding> findings;

  // --- comet::Wire
  comet::Sent send(std::uint32_t session, std::string_view bytes) override;
  comet::Written write(std::uint32_t session, std::string_view bytes) override;
  bool count_end(std::uint32_t session) override;
  void ended(std::uint32_t session, comet::Ending ending) override;
  void answer(const comet::Answer& answer) override;
  void pushed(std::size_t core, const comet::PushReport& report) override {
    if (on_pushed) on_pushed(core, report);
  }
  void surveyed(comet::Ref session, std::vector<comet::Finding>&& found) override;
  void post(std::size_t core, comet::HubMessage&& message) override;
  [[nodiscard]] std::size_t backlog(std::size_t core) const override;
  // "peer-N", who has said nothing for N seconds.
  [[nodiscard]] comet::PeerFacts peer(std::uint32_t session) const override {
    return {"peer-" + std::to_string(session), session * 1000};
  }
  void add_to(comet::CoreReport& report) const override;

 private:
  std::size_t place(std::uint32_t session, std::string_view bytes);

  std::vector<MemorySession> sessions_;
};

}  // namespace support

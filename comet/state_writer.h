// The thread that writes the state to the disk, so that no core ever waits for it.
//
// Owned by the server. It is no reactor core, but it turns as they do: woken by cores that have
// something for it, and by the time of the next snapshot. What it does is the scribe's matter.
#pragma once

#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include "comet/state_exchange.h"
#include "comet/state_scribe.h"
#include "comet/state_status.h"
#include "comet/state_store.h"
#include "reactor/loop.h"
#include "reactor/waker.h"

namespace comet {

class StateWriter final : private reactor::Loop::Handler {
 public:
  // `interval_s` 0: no snapshots but the one that the server takes when it has stopped.
  StateWriter(StateStore& store, StateExchange& exchange, StateStatus& status,
              std::uint32_t interval_s, std::vector<reactor::Waker*> cores);
  ~StateWriter() override { stop(); }

  // After every core can be woken.
  void start() {
    thread_ = std::thread([this] { loop_.run(); });
  }
  // What is not finished is given up.
  void stop();

 private:
  // --- reactor::Loop::Handler
  void begin_turn(const reactor::Now& now) override { now_ = now; }
  void accepted(std::size_t, reactor::Fd, const reactor::Endpoint&) override {}
  void accepted_last(std::size_t, reactor::Fd, const reactor::Endpoint&) override {}
  std::uint64_t next_accept_us(std::size_t) override { return 0; }
  void happened(const reactor::Event&) override {}
  bool end_turn(std::uint64_t heard_until_us) override;
  void turn_ended(std::uint64_t) override {}
  bool has_mail() override { return scribe_.has_work(); }
  std::optional<std::uint64_t> next_deadline_us() override { return scribe_.next_deadline_us(); }

  reactor::Loop loop_;
  reactor::Now now_;
  StateScribe scribe_;
  std::thread thread_;
};

}  // namespace comet

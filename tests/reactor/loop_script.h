// A loop's handler for tests.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reactor/loop.h"

namespace reactor::testing_loopback {

// A handler whose calls are set by the test and which remembers what it was told.
class Script : public Loop::Handler {
 public:
  void begin_turn(const Now& now) override {
    ++turns;
    turn_now = now;
    calls.push_back("begin");
    if (calls.size() > 1000) calls.clear();
    if (on_begin_turn) on_begin_turn();
  }
  void accepted(std::size_t listener, Fd fd, const Endpoint& peer) override {
    calls.push_back("accepted");
    peers.emplace_back(listener, peer);
    connections.push_back(std::move(fd));
    if (on_accepted) on_accepted();
  }
  void accepted_last(std::size_t, Fd fd, const Endpoint&) override {
    ++last_ones;
    if (keeps_last) connections.push_back(std::move(fd));
  }
  std::uint64_t next_accept_us(std::size_t listener) override {
    return on_next_accept ? on_next_accept(listener) : 0;
  }
  void happened(const Event& event) override {
    calls.push_back("happened");
    events.push_back(event);
    if (on_happened) on_happened(event);
  }
  bool end_turn(std::uint64_t heard_until) override {
    heard_until_us = heard_until;
    calls.push_back("end");
    return on_end_turn && on_end_turn();
  }
  void turn_ended(std::uint64_t now_us) override { ended_us = now_us; }
  bool has_mail() override {
    const bool mail = on_has_mail && on_has_mail();
    if (on_asked) on_asked();
    return mail;
  }
  std::optional<std::uint64_t> next_deadline_us() override { return deadline_us; }

  std::function<void()> on_begin_turn;
  std::function<void()> on_accepted;
  std::function<void(const Event&)> on_happened;
  std::function<bool()> on_end_turn;
  std::function<bool()> on_has_mail;
  std::function<void()> on_asked;
  std::function<std::uint64_t(std::size_t)> on_next_accept;
  std::optional<std::uint64_t> deadline_us;
  bool keeps_last = false;
  int last_ones = 0;

  int turns = 0;
  Now turn_now;
  std::uint64_t ended_us = 0;
  std::uint64_t heard_until_us = 0;
  std::vector<std::string> calls;
  std::vector<std::pair<std::size_t, Endpoint>> peers;
  std::vector<Fd> connections;
  std::vector<Event> events;
};

inline std::vector<Fd> only(Fd fd) {
  std::vector<Fd> one;
  one.push_back(std::move(fd));
  return one;
}

}  // namespace reactor::testing_loopback

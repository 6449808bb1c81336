// One core's share of the server as a deterministic state machine.
//
// Owned by one core. Inputs: what sessions want, what other hubs say, the time at the start of a
// turn, a socket that has room again. Outputs: Wire. It makes no system call and reads no clock,
// so several hubs can run in one thread under a test's scheduler.
//
// It has two parts and routes between them and the other cores: Home, for the channels that this
// core numbers, and Audiences, for the subscribers that this core serves.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "comet/audiences.h"
#include "comet/home.h"
#include "comet/hub_message.h"
#include "comet/hub_settings.h"
#include "comet/surveys.h"
#include "comet/wire.h"
#include "reactor/clock.h"

namespace comet {

class Hub final : private Outbox {
 public:
  Hub(HubSettings settings, ChannelCount& channel_count, Wire& wire, const reactor::Now& now);

  // Between two turns. Core and cores are as before. Who is here stays; what each setting means for
  // them stands in ARCHITECTURE.md.
  void reconfigure(HubSettings settings);

  void begin_turn(const reactor::Now& now);
  // After it: what the whole server uses, of which budget (0: none).
  void limit_memory(std::uint64_t budget, std::uint64_t used);
  // What this core takes from there on.
  MemoryGate& memory_gate() { return home_.memory_gate(); }
  [[nodiscard]] const MemoryGate& memory_gate() const { return home_.memory_gate(); }
  [[nodiscard]] MemoryUse memory() const;

  // --- From the core's sessions. Answers come through Wire::answer(), perhaps before the return.
  std::uint32_t subscribe(std::uint32_t session, SubscribeRequest&& request) {
    return audiences_.subscribe(session, std::move(request));
  }
  // A WebSocket's handshake has been answered by the caller; all that it gets from here on are
  // frames. The answers to its operations come as such, so who does not fetch them should not be
  // read further.
  void add_channel(std::uint32_t websocket, Subscription&& channel) {
    audiences_.add_channel(websocket, std::move(channel));
  }
  void drop_channel(std::uint32_t websocket, std::string_view cname) {
    audiences_.drop_channel(websocket, cname);
  }
  [[nodiscard]] bool has_channel(std::uint32_t websocket, std::string_view cname) const {
    return audiences_.has_channel(websocket, cname);
  }
  // Its client sent something, be it a pong.
  void heard(std::uint32_t websocket) { audiences_.heard(websocket); }
  // Else whoever would watch is to come back later.
  [[nodiscard]] bool takes_watchers() const;
  std::uint32_t subscribe_presence(std::uint32_t session, PresenceEvents events, Framing framing,
                                   bool keep_alive);
  void leave(std::uint32_t subscriber) { audiences_.leave(subscriber); }
  void half_closed(std::uint32_t subscriber) { audiences_.half_closed(subscriber); }
  void writable(std::uint32_t subscriber) { audiences_.writable(subscriber); }
  void command(Command&& command);
  // The findings of all cores come through Wire::surveyed().
  void ask_cores(Ref session, Survey::Question question);
  void broadcast(Ref session, MessageRef message);
  // What each core is to publish, by core. Each that has something to do reports through
  // Wire::pushed().
  void push(Ref session, std::vector<PushOrder>&& orders);

  // --- From another core's hub.
  void receive(std::size_t from, HubMessage&& message);

  // --- The server drains: everybody is sent away within that time; see Audiences.
  void begin_drain(std::uint64_t duration_us, std::uint64_t seed) {
    audiences_.begin_drain(duration_us, seed);
  }
  [[nodiscard]] bool has_drained() const { return audiences_.has_drained(); }

  // --- The end of a turn: sweeps, timers, what homes must hear. True if there is more to do at
  // once.
  bool end_turn(std::uint64_t heard_until_us);
  [[nodiscard]] std::optional<std::uint64_t> next_deadline_us() const;
  // What was sent in the turn has left: the clock was read once more.
  void turn_ended(std::uint64_t now_us) { audiences_.turn_ended(now_us); }

  ResponseHeads& heads() { return audiences_.heads(); }
  [[nodiscard]] const DeliveryCounters& counters() const { return audiences_.counters(); }
  // What was turned away and ended on this core; its sessions count here, too.
  CloseCounts& closes() { return audiences_.closes(); }
  [[nodiscard]] const CloseCounts& closes() const { return audiences_.closes(); }
  // For saving and restoring its channels.
  Home& home() { return home_; }
  [[nodiscard]] std::size_t channels() const { return home_.channels(); }
  [[nodiscard]] std::size_t subscribers() const { return audiences_.subscribers(); }

  void validate();
  // Tests: no channel, subscriber, local half or question is left.
  [[nodiscard]] bool is_empty() const {
    return home_.channels() == 0 && audiences_.is_empty() && surveys_.size() == 0;
  }

 private:
  void send(std::size_t core, HubMessage&& message) override;
  [[nodiscard]] bool congested(std::size_t core) const override;
  [[nodiscard]] bool has_backlog(std::size_t core) const override;
  void refuse(Ref session, Outcome outcome);
  void survey(Surveys::Purpose purpose, Ref asker, const Survey::Question& question);
  // This core's part of each survey. To Broadcast and AboutChannels, the home replies when it has
  // been through its channels.
  void answer(std::size_t from, Ref survey, const Survey::Broadcast& order);
  void answer(std::size_t from, Ref survey, const Survey::WatchPresence& order);
  void answer(std::size_t from, Ref survey, const Survey::AboutCore& question);
  void answer(std::size_t from, Ref survey, const Survey::AboutChannel& question);
  void answer(std::size_t from, Ref survey, const Survey::AboutChannels& question);
  void answer(std::size_t from, Ref survey, const Survey::AboutSubscribers& question);
  void add_reply(std::size_t from, SurveyReply&& reply);

  HubSettings settings_;
  Wire& wire_;
  Surveys surveys_;
  Home home_;
  Audiences audiences_;
};

}  // namespace comet

// One core at work: its connections, and its hub's hands.
//
// Runs on its reactor's thread. It turns events into requests for the hub and the hub's wishes into
// system calls; what a request means is decided by Front and Admin, and what a channel does by the
// hub. Sessions are freed at the end of the turn, so that nothing on the stack loses its session.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "comet/accept_rate.h"
#include "comet/address_counts.h"
#include "comet/admin.h"
#include "comet/connection_quota.h"
#include "comet/descriptor_budget.h"
#include "comet/front.h"
#include "comet/hub.h"
#include "comet/listeners.h"
#include "comet/live_config.h"
#include "comet/memory_gate.h"
#include "comet/phase.h"
#include "comet/session.h"
#include "comet/state_exchange.h"
#include "comet/state_reporter.h"
#include "comet/state_status.h"
#include "comet/websocket_ops.h"
#include "comet/wire.h"
#include "http/request_parser.h"
#include "reactor/descriptor_limit.h"
#include "reactor/loop.h"
#include "reactor/mailbox.h"
#include "reactor/slab.h"
#include "reactor/timer_wheel.h"
#include "reactor/waker.h"

namespace comet {

// What all workers of a server share. Immutable, or made for sharing.
struct Shared {
  Shared(std::unique_ptr<const Snapshot> first_config, const DescriptorBudget& budget,
         std::size_t cores)
      : config(std::move(first_config), cores),
        descriptors(budget),
        memory(cores),
        mail(cores, kMailboxCapacity),
        wakers(cores, nullptr) {}

  static constexpr std::size_t kMailboxCapacity = 1024;

  // front.max_connections, as far as there are descriptors for it.
  [[nodiscard]] std::uint64_t front_connections_max(const Config& in_force) const {
    const std::uint64_t wanted = in_force.front.max_connections;
    return wanted == 0 ? descriptors.front : std::min(wanted, descriptors.front);
  }

  LiveConfig config;
  const DescriptorBudget descriptors;
  const NameHash name_hash = NameHash::random();
  const reactor::Now started = reactor::Now::read();
  const std::size_t descriptors_max = reactor::descriptor_limit();
  std::atomic<ServerPhase> phase{ServerPhase::kServing};
  std::atomic<std::size_t> drained{0};  // cores that have nothing left to do
  ChannelCount channel_count{0};
  ConnectionQuota front_connections;
  AddressCounts addresses;  // of the front port, under front.max_connections_per_address
  AcceptRate accept_rate;   // of the front port
  MemoryBoard memory;       // under limits.max_memory
  BroadcastMemory broadcast_memory{0};
  reactor::Mailboxes<HubMessage, HubMessageWeight> mail;
  // Set before workers are made; null: nothing is saved.
  StateExchange* state = nullptr;
  const StateStatus* state_status = nullptr;
  std::vector<reactor::Waker*> wakers;  // by core; complete before any thread starts
};

class Worker final : private reactor::Loop::Handler, private Wire {
 public:
  Worker(Shared& shared, std::size_t core, CoreListeners listeners);
  ~Worker() override;

  // On the worker's own thread, until stop().
  void run() { loop_.run(); }
  // Any thread.
  void stop() { loop_.stop(); }
  // The owner's thread: see reactor::Loop.
  bool turned_since_asked() { return loop_.turned_since_asked(); }
  // Any thread, after the server's phase or its configuration changed: the worker has a turn soon.
  void wake() { loop_.waker().wake(); }
  // While it does not run.
  Home& home() { return hub_.home(); }

 private:
  // --- reactor::Loop::Handler
  void begin_turn(const reactor::Now& now) override;
  void accepted(std::size_t listener, reactor::Fd fd, const reactor::Endpoint& peer) override;
  void accepted_last(std::size_t listener, reactor::Fd fd, const reactor::Endpoint& peer) override;
  std::uint64_t next_accept_us(std::size_t listener) override;
  void happened(const reactor::Event& event) override;
  bool end_turn(std::uint64_t heard_until_us) override;
  void turn_ended(std::uint64_t now_us) override { hub_.turn_ended(now_us); }
  bool has_mail() override {
    return shared_.mail.has_mail(core_) || is_outdated() || phase_changed() ||
           (state_ && state_->has_work());
  }
  std::optional<std::uint64_t> next_deadline_us() override;

  // --- Wire
  Sent send(std::uint32_t session, std::string_view bytes) override;
  Written write(std::uint32_t session, std::string_view bytes) override;
  bool count_end(std::uint32_t session) override;
  void ended(std::uint32_t session, Ending ending) override;
  void answer(const Answer& answer) override;
  void pushed(std::size_t core, const PushReport& report) override;
  void surveyed(Ref session, std::vector<Finding>&& findings) override;
  void post(std::size_t core, HubMessage&& message) override;
  [[nodiscard]] std::size_t backlog(std::size_t core) const override {
    return shared_.mail.backlog(core_, core);
  }
  [[nodiscard]] PeerFacts peer(std::uint32_t session) const override;
  void add_to(CoreReport& report) const override;

  // --- Memory
  // Of this core, with and without its hub's.
  [[nodiscard]] MemoryUse memory_use() const;
  [[nodiscard]] MemoryUse own_memory() const;
  void look_at_memory();
  void broadcast(Ref session, MessageRef message);
  void count_kept(const Session& session, std::size_t before);
  void count_text(Exchange& exchange);
  [[nodiscard]] std::optional<http::Failure> objection(const Session& session) const;
  [[nodiscard]] bool lacks_memory_for(const Exchange& exchange) const;

  // --- Configuration
  [[nodiscard]] bool is_outdated() const { return &shared_.config.newest() != snapshot_; }
  void reconfigure();

  // --- Admitting peers
  [[nodiscard]] Entry enter(const std::optional<AddressKey>& address);
  [[nodiscard]] std::optional<AddressKey> counted_address(Port port, Standing standing,
                                                          const reactor::IpAddress& address) const;
  bool client_named(std::uint32_t index, const reactor::IpAddress& client);
  void turn_away(reactor::Fd fd, Entry entry);
  void release(std::uint32_t index);
  void read_proxy_header(std::uint32_t index);

  // --- Reading requests
  void read(std::uint32_t index);
  std::string_view receive(std::uint32_t index, std::size_t bytes_max);
  void discard_input(std::uint32_t index);
  void consume(std::uint32_t index, std::string_view bytes);
  void dispatch(std::uint32_t index, const http::Request& request);
  void dispatch_front(std::uint32_t index, const http::Request& request);
  void dispatch_admin(std::uint32_t index, const http::Request& request);
  void begin_listening(Session& session, Framing framing);
  void set_subscriber(std::uint32_t index, std::uint32_t subscriber);
  void keep_unparsed(Session& session, std::string_view bytes);
  void resume_later(std::uint32_t index);

  // --- Batches
  void begin_push(std::uint32_t index, std::unique_ptr<PushBatch> push);
  void read_push(Ref session);
  bool read_pushes();
  void end_push(std::uint32_t index);

  // --- WebSockets
  void open_websocket(std::uint32_t index, WebsocketOpening&& opening);
  void begin_frames(std::uint32_t index);
  void read_websocket(std::uint32_t index);
  std::size_t consume_frames(std::uint32_t index, std::string_view bytes);
  void await_frames(std::uint32_t index);
  void heed_frame(std::uint32_t index, const http::WebsocketDecoder& decoder,
                  http::WebsocketDecoder::State state);
  void heed_op(std::uint32_t index, std::string_view text);
  void answer_close(std::uint32_t index, http::CloseCode code);
  void fail_websocket(std::uint32_t index, CloseReason reason, const http::WebsocketFault& fault);
  void await_close(std::uint32_t index);
  void await_peers_close(std::uint32_t index);
  void leave_hub(Session& session);

  // --- Answering
  void append_rare(std::string& out, const Session& session, const Reply& reply);
  void reply(std::uint32_t index, const Reply& reply);
  void fail(std::uint32_t index, const http::Failure& failure);
  void end_exchange(std::uint32_t index);
  void flush_cork();

  // --- Closing
  void begin_closing(std::uint32_t index);
  void send_fin_when_flushed(std::uint32_t index);
  // Why the session's response, and perhaps the session, is about to end. Whoever ends it later
  // for the same reason, in other words, does not count again.
  void count(std::uint32_t index, CloseReason reason);
  // At once, and counted. kill() is for what the hub has counted.
  void close(std::uint32_t index, CloseReason reason);
  void kill(std::uint32_t index);

  // --- Draining
  [[nodiscard]] bool phase_changed() const {
    return shared_.phase.load(std::memory_order_acquire) != phase_;
  }
  void enter_phase();
  void begin_drain();
  bool drain_sessions();
  void drain_session(std::uint32_t index);
  void report_when_drained();
  [[nodiscard]] bool is_drained();

  void set_timeout(std::uint32_t index, Session::Timeout timeout);
  void time_out(std::uint32_t index);
  Exchange& exchange_of(Session& session) {
    if (session.exchange == nullptr) session.exchange = exchanges_.take();
    return *session.exchange;
  }
  void return_exchange(Session& session) {
    if (session.exchange == nullptr) return;
    text_memory_ -= std::exchange(session.exchange->counted, 0);
    exchanges_.give_back(std::move(session.exchange));
  }
  void flush_mail();
  // Every byte that leaves goes through one of these or send(), and is counted.
  bool write_out(std::uint32_t index, std::string_view bytes);
  bool flush_out(std::uint32_t index);
  // False when the peer is gone.
  bool is_alive(std::uint32_t index, reactor::IoResult::Status status);
  [[nodiscard]] ServerFacts facts() const;

  static constexpr int kOutOfMemory = 503;
  static constexpr http::Failure kNoMemory{kOutOfMemory,
                                           "out of memory (limits.max_memory); try again later"};
  static constexpr std::uint32_t kScratchBytes = 64 * 1024;
  static constexpr std::size_t kCorkBytesMax = 64 * 1024;

  Shared& shared_;
  const std::size_t core_;
  const Snapshot* snapshot_;  // in force on this core; nothing else of it is kept but by reference
  std::vector<ListenerTraits> listeners_;  // by their places in the loop
  reactor::Loop loop_;
  reactor::Now now_;
  std::uint64_t now_ms_;
  std::uint64_t bytes_out_ = 0;
  std::uint64_t unsent_memory_ = 0;  // of what all connections together keep
  std::uint64_t text_memory_ = 0;    // of requests that have not arrived, or wait their turn
  Hub hub_;
  std::optional<StateReporter> state_;  // none: nothing is saved
  Front front_;
  Admin admin_;
  WebsocketOps ops_;
  reactor::Slab<Session> sessions_;
  reactor::TimerWheel<Session, &Session::timer> timers_;
  ExchangePool exchanges_;
  std::vector<Ref> resuming_;  // to be read when the turn ends
  std::deque<Ref> pushing_;    // whose batches are read in slices
  std::vector<std::uint32_t> dead_;
  std::unique_ptr<char[]> scratch_;
  // Answers to requests that came together leave together: the session whose input is being
  // consumed, and what it has been answered so far.
  std::uint32_t consuming_ = reactor::kNoIndex;
  std::string cork_;
  std::vector<bool> posted_;  // by core: something was posted since it was last woken

  std::size_t refusals_ = 0;  // sessions of the front port that were not let in
  std::uint32_t turned_away_ = 0;
  absl::flat_hash_map<std::uint32_t, AddressKey> addresses_;  // by session, where it is counted

  ServerPhase phase_ = ServerPhase::kServing;
  std::size_t front_sessions_ = 0;   // those of the front port to which FIN was not sent yet
  std::uint32_t next_to_drain_ = 0;  // sessions before it have been looked at
  std::uint64_t drain_ends_ms_ = 0;
  bool reported_drained_ = false;
};

}  // namespace comet

#include "comet/audiences.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <utility>
#include <variant>

#include "bench/support/one_core.h"

namespace {

using comet::Transport;

// Local halves alone, on a wire that swallows all; their home lets everybody in at once.
class Listeners final : private comet::Outbox {
 public:
  std::uint32_t subscribe(std::uint32_t session, Transport transport) {
    comet::SubscribeRequest request;
    request.framing = {transport, true};
    request.name = {"news", 99};
    if (transport == Transport::kPoll) request.poll = {true, "icomet_cb"};
    return audiences_.subscribe(session, std::move(request));
  }
  void subscribe_many(std::int64_t count, Transport transport) {
    for (std::int64_t i = 0; i < count; ++i) {
      subscribe(static_cast<std::uint32_t>(i), transport);
    }
  }
  void deliver(const comet::MessageRef& message) {
    audiences_.deliver({audience_, next_seq_++, message});
  }
  // In a new turn, when everybody has rested from the sweep before.
  void sweep() {
    advance_us(bench::OneCore::kRestedUs);
    while (audiences_.sweep(kBudget)) {
    }
  }
  void advance_us(std::uint64_t us) {
    now_.monotonic_us += us;
    audiences_.begin_turn(now_);
  }
  // Until nobody's heartbeat is due.
  void beat() {
    while (audiences_.beat(kBudget)) {
    }
  }

  comet::Audiences& audiences() { return audiences_; }
  bench::SwallowingWire& wire() { return wire_; }
  [[nodiscard]] std::uint64_t deliveries() const { return audiences_.counters().deliveries; }

 private:
  static constexpr std::size_t kBudget = 512;  // as a turn has it

  void send(std::size_t, comet::HubMessage&& message) override {
    const comet::Join* join = std::get_if<comet::Join>(&message);
    if (join == nullptr) return;  // Leave: this home does not count
    audience_ = join->audience;
    comet::Joined joined;
    joined.audience = join->audience;
    joined.subscriber = join->subscriber;
    joined.channel = {3, 1};
    joined.replay = {comet::History(next_seq_), next_seq_};
    audiences_.joined(std::move(joined));
  }
  [[nodiscard]] bool congested(std::size_t) const override { return false; }

  const comet::HubSettings settings_ = comet::HubSettings::from(comet::Config{}, 0, 1);
  bench::SwallowingWire wire_;
  reactor::Now now_{1'000'000'000'000, 1'000'000};
  comet::Audiences audiences_{settings_, wire_, *this, now_};
  comet::Ref audience_;
  std::uint64_t next_seq_ = 1;
};

// An iteration: some messages come in one turn and are swept out to everybody. Items are
// deliveries.
void sweep(benchmark::State& state, Transport transport, int messages) {
  Listeners listeners;
  listeners.subscribe_many(state.range(0), transport);
  const comet::MessageRef message = bench::message();
  for (auto _ : state) {
    for (int i = 0; i < messages; ++i) listeners.deliver(message);
    listeners.sweep();
  }
  const auto deliveries = static_cast<std::int64_t>(listeners.deliveries());
  CHECK(deliveries == state.iterations() * state.range(0) * messages);
  state.SetItemsProcessed(deliveries);
}

void audiences_sweep_stream(benchmark::State& state) { sweep(state, Transport::kStream, 1); }
BENCHMARK(audiences_sweep_stream)->ArgName("seats")->Arg(1)->Arg(1'000)->Arg(10'000);

void audiences_sweep_sse(benchmark::State& state) { sweep(state, Transport::kSse, 1); }
BENCHMARK(audiences_sweep_sse)->ArgName("seats")->Arg(1'000)->Arg(10'000);

void audiences_sweep_burst_of_40(benchmark::State& state) { sweep(state, Transport::kStream, 40); }
BENCHMARK(audiences_sweep_burst_of_40)->ArgName("seats")->Arg(100)->Arg(1'000);

// An iteration: a message comes, all waiting polls are answered with it, and all ask again. Items
// are cycles.
void audiences_poll_cycle(benchmark::State& state) {
  Listeners listeners;
  listeners.subscribe_many(state.range(0), Transport::kPoll);
  const comet::MessageRef message = bench::message();
  for (auto _ : state) {
    listeners.deliver(message);
    listeners.sweep();
    for (const std::uint32_t session : listeners.wire().answered) {
      listeners.subscribe(session, Transport::kPoll);
    }
    listeners.wire().answered.clear();
    listeners.audiences().review();
  }
  const auto deliveries = static_cast<std::int64_t>(listeners.deliveries());
  CHECK(deliveries == state.iterations() * state.range(0));
  state.SetItemsProcessed(deliveries);
}
BENCHMARK(audiences_poll_cycle)->ArgName("polls")->Arg(1)->Arg(1'000);

// An iteration: one comes and goes, beside others who stay.
void audiences_subscribe_leave(benchmark::State& state) {
  Listeners listeners;
  listeners.subscribe_many(state.range(0), Transport::kStream);
  const auto session = static_cast<std::uint32_t>(state.range(0));
  for (auto _ : state) {
    listeners.audiences().leave(listeners.subscribe(session, Transport::kStream));
    listeners.audiences().review();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(audiences_subscribe_leave)->ArgName("others")->Arg(1)->Arg(10'000);

// An iteration: half a minute later everybody gets a heartbeat. Items are heartbeats.
void audiences_heartbeats(benchmark::State& state) {
  Listeners listeners;
  listeners.subscribe_many(state.range(0), Transport::kStream);
  const std::uint64_t before = listeners.wire().sends;
  for (auto _ : state) {
    listeners.advance_us(31'000'000);
    listeners.beat();
  }
  const auto beats = static_cast<std::int64_t>(listeners.wire().sends - before);
  CHECK(beats == state.iterations() * state.range(0));
  state.SetItemsProcessed(beats);
}
BENCHMARK(audiences_heartbeats)->ArgName("seats")->Arg(1'000)->Arg(10'000);

}  // namespace

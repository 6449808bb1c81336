#include "comet/hub.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "bench/support/one_core.h"

namespace {

using comet::Transport;

// An iteration: one message for a channel without subscribers, through Hub and Home.
void hub_publish_to_nobody(benchmark::State& state) {
  bench::OneCore core;
  const comet::ChannelName name = core.named("news");
  const comet::MessageRef message = bench::message();
  for (auto _ : state) {
    core.publish(name, message);
    core.turn();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hub_publish_to_nobody);

// An iteration: one message for each of the channels in turn, each of which has one subscriber.
void hub_publish_to_one_each(benchmark::State& state) {
  bench::OneCore core;
  const auto channels = static_cast<std::uint32_t>(state.range(0));
  std::vector<comet::ChannelName> names;
  for (std::uint32_t i = 0; i < channels; ++i) {
    names.push_back(core.named("user-" + std::to_string(i)));
    core.seat(1, names.back().text, {Transport::kStream, true});
  }
  const comet::MessageRef message = bench::message();
  std::size_t next = 0;
  for (auto _ : state) {
    core.publish(names[next], message);
    core.turn();
    next = (next + 7919) % names.size();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(core.hub().counters().deliveries));
}
BENCHMARK(hub_publish_to_one_each)->ArgName("channels")->Arg(1)->Arg(10'000);

// An iteration: one message for a channel with many subscribers. Items are deliveries.
void hub_publish_to_many(benchmark::State& state) {
  bench::OneCore core;
  core.seat(static_cast<std::uint32_t>(state.range(0)), "news", {Transport::kStream, true});
  const comet::ChannelName name = core.named("news");
  const comet::MessageRef message = bench::message();
  for (auto _ : state) {
    core.publish(name, message);
    core.turn();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(core.hub().counters().deliveries));
}
BENCHMARK(hub_publish_to_many)->ArgName("subscribers")->Arg(1'000)->Arg(10'000);

// An iteration: a turn in which nothing happens, a millisecond after the one before, while many
// subscribers wait on a channel each.
void hub_idle_turn(benchmark::State& state) {
  bench::OneCore core;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    core.seat(1, "user-" + std::to_string(i), {Transport::kStream, true});
  }
  for (auto _ : state) {
    core.turn(1000);
    benchmark::DoNotOptimize(core.hub().next_deadline_us());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hub_idle_turn)->ArgName("subscribers")->Arg(0)->Arg(10'000);

}  // namespace

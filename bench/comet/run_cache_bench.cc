#include "comet/run_cache.h"

#include <benchmark/benchmark.h>

#include <cstdint>

#include "bench/support/one_core.h"

namespace {

constexpr comet::Framing kStream{comet::Transport::kStream, true};
constexpr comet::Ref kAudience{7, 1};

// An iteration: the run that was made for the seat before, as for all seats of a pass but one.
void run_cache_hit(benchmark::State& state) {
  comet::Audience audience{comet::ChannelName{"news", 1}};
  audience.window.append(bench::message());
  comet::RunCache cache;
  for (auto _ : state) {
    benchmark::DoNotOptimize(cache.run(kAudience, audience, kStream, 1).bytes.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(run_cache_hit);

// An iteration: a run is made, as for the first seat of a pass. Items are messages.
void run_cache_miss(benchmark::State& state) {
  comet::Audience audience{comet::ChannelName{"news", 1}};
  const comet::MessageRef message = bench::message();
  for (std::int64_t i = 0; i < state.range(0); ++i) audience.window.append(message);
  comet::RunCache cache;
  for (auto _ : state) {
    ++audience.epoch;
    benchmark::DoNotOptimize(cache.run(kAudience, audience, kStream, 1).bytes.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(run_cache_miss)->ArgName("messages")->Arg(1)->Arg(40);

}  // namespace

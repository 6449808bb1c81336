#include "comet/run_cache.h"

#include <benchmark/benchmark.h>

#include <cstdint>

#include "bench/support/one_core.h"

namespace {

constexpr comet::Framing kStream{comet::Transport::kStream, true};
constexpr comet::Ref kOne{1, 1};
constexpr comet::Ref kOther{2, 1};

comet::Audience audience_with(std::int64_t messages) {
  comet::Audience audience(comet::ChannelName{"news", 99});
  const comet::MessageRef message = bench::message();
  for (std::int64_t i = 0; i < messages; ++i) audience.window.append(message);
  return audience;
}

// An iteration: the run that the seat before needed, too. What each delivery but the first takes.
void run_cache_hit(benchmark::State& state) {
  const comet::Audience audience = audience_with(1);
  comet::RunCache cache;
  for (auto _ : state) {
    benchmark::DoNotOptimize(cache.run(kOne, audience, kStream, 1).bytes.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(run_cache_hit);

// An iteration: a run is rendered, as the one made last was another audience's. Items are messages.
void run_cache_miss(benchmark::State& state) {
  const comet::Audience audience = audience_with(state.range(0));
  comet::RunCache cache;
  bool one = true;
  for (auto _ : state) {
    one = !one;
    const comet::Run& run = cache.run(one ? kOne : kOther, audience, kStream, 1);
    benchmark::DoNotOptimize(run.bytes.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(run_cache_miss)->ArgName("messages")->Arg(1)->Arg(40);

}  // namespace

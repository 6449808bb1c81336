#include "comet/heartbeat_cache.h"

#include <benchmark/benchmark.h>

namespace {

constexpr comet::Ref kAudience{7, 1};
constexpr comet::Framing kStream{comet::Transport::kStream, true};

void frame(benchmark::State& state, std::int64_t step) {
  comet::HeartbeatCache cache;
  std::int64_t noop = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(cache.frame(kAudience, "news", kStream, noop).data());
    noop += step;
  }
  state.SetItemsProcessed(state.iterations());
}

// An iteration: the frame that the subscriber before got as well.
void heartbeat_cache_hit(benchmark::State& state) { frame(state, 0); }
BENCHMARK(heartbeat_cache_hit);

// An iteration: a frame is made, as for the first of those who are due together.
void heartbeat_cache_miss(benchmark::State& state) { frame(state, 1); }
BENCHMARK(heartbeat_cache_miss);

}  // namespace

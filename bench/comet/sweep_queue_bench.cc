#include "comet/sweep_queue.h"

#include <benchmark/benchmark.h>

#include <cstdint>

namespace {

// An iteration: an audience lines up and is served, others waiting behind it.
void sweep_queue_push_pop(benchmark::State& state) {
  comet::SweepQueue queue;
  for (std::uint32_t i = 1; i < state.range(0); ++i) queue.push({i, 1}, 0, 0);
  for (auto _ : state) {
    queue.push({0, 1}, 0, 0);
    benchmark::DoNotOptimize(queue.pop());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(sweep_queue_push_pop)->ArgName("waiting")->Arg(1)->Arg(1000);

// An iteration: some audiences rest, have rested and are served. Items are audiences.
void sweep_queue_rest(benchmark::State& state) {
  comet::SweepQueue queue;
  std::uint64_t now_us = 0;
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < state.range(0); ++i) queue.push({i, 1}, now_us + 1000, now_us);
    now_us += 1000;
    queue.wake(now_us);
    while (queue.pop()) {
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sweep_queue_rest)->ArgName("audiences")->Arg(1)->Arg(1000);

}  // namespace

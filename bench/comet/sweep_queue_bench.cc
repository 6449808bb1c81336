#include "comet/sweep_queue.h"

#include <benchmark/benchmark.h>

#include <cstdint>

#include "reactor/check.h"

namespace {

constexpr std::uint64_t kRestUs = 1000;

// An iteration: many audiences are marked, and popped to be swept. Items are audiences.
void sweep_queue_push_pop(benchmark::State& state) {
  comet::SweepQueue queue;
  const auto audiences = static_cast<std::uint32_t>(state.range(0));
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < audiences; ++i) queue.push({i, 1}, 0, 1);
    queue.wake(1);
    while (const auto ref = queue.pop()) benchmark::DoNotOptimize(ref->index);
  }
  CHECK(!queue.has_ready());
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sweep_queue_push_pop)->ArgName("audiences")->Arg(1)->Arg(1'000);

// An iteration: the same, but all of them rest before they are popped.
void sweep_queue_rest(benchmark::State& state) {
  comet::SweepQueue queue;
  const auto audiences = static_cast<std::uint32_t>(state.range(0));
  std::uint64_t now_us = 0;
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < audiences; ++i) queue.push({i, 1}, now_us + kRestUs, now_us);
    now_us += kRestUs;
    queue.wake(now_us);
    while (const auto ref = queue.pop()) benchmark::DoNotOptimize(ref->index);
  }
  CHECK(!queue.has_ready() && !queue.next_us());
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sweep_queue_rest)->ArgName("audiences")->Arg(1)->Arg(1'000);

// An iteration: a turn's look at audiences none of which has rested yet.
void sweep_queue_too_early(benchmark::State& state) {
  comet::SweepQueue queue;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    queue.push({static_cast<std::uint32_t>(i), 1}, kRestUs, 0);
  }
  for (auto _ : state) {
    queue.wake(1);
    CHECK(!queue.pop());
    benchmark::DoNotOptimize(queue.next_us());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(sweep_queue_too_early)->ArgName("resting")->Arg(1'000);

}  // namespace

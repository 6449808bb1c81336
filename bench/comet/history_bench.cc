#include "comet/history.h"

#include <benchmark/benchmark.h>

#include <cstdint>

#include "bench/support/one_core.h"

namespace {

// An iteration: a message comes and the oldest goes, as in a replay buffer that is full.
void history_append_drop(benchmark::State& state) {
  comet::History history(1);
  const comet::MessageRef message = bench::message();
  for (std::int64_t i = 0; i < state.range(0); ++i) history.append(message);
  for (auto _ : state) {
    history.append(message);
    history.drop_oldest();
  }
  benchmark::DoNotOptimize(history.next());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(history_append_drop)->ArgName("kept")->Arg(1)->Arg(100)->Arg(8192);

// An iteration: a window between two sweeps, which begins and ends empty: the ring is made, filled
// and given back. Items are messages.
void history_fill_clear(benchmark::State& state) {
  comet::History history(1);
  const comet::MessageRef message = bench::message();
  for (auto _ : state) {
    for (std::int64_t i = 0; i < state.range(0); ++i) history.append(message);
    history.clear();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(history_fill_clear)->ArgName("messages")->Arg(1)->Arg(40)->Arg(1000);

// An iteration: one message made, kept and freed: the reference's part.
void history_append_drop_of_new_messages(benchmark::State& state) {
  comet::History history(1);
  for (auto _ : state) {
    history.append(bench::message());
    history.drop_oldest();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(history_append_drop_of_new_messages);

}  // namespace

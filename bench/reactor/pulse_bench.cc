#include "reactor/pulse.h"

#include <benchmark/benchmark.h>

namespace {

// An iteration: a turn in which nobody has asked.
void pulse_beat(benchmark::State& state) {
  reactor::Pulse pulse;
  for (auto _ : state) {
    pulse.beat();
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(pulse_beat);

}  // namespace

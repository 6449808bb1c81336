#include "reactor/histogram.h"

#include <benchmark/benchmark.h>

#include <cstdint>

namespace {

// An iteration: a value of up to a second, in microseconds, as unlike the one before as can be.
void histogram_record(benchmark::State& state) {
  reactor::Histogram histogram;
  std::uint64_t value = 1;
  for (auto _ : state) {
    value = value * 6364136223846793005u + 1442695040888963407u;
    histogram.record(value >> 44);
  }
  benchmark::DoNotOptimize(histogram.count());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(histogram_record);

}  // namespace

#include "reactor/slab.h"

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <vector>

namespace {

struct Object {
  std::array<std::uint64_t, 6> bytes{};  // about a session, or a subscriber
};

// An iteration: one object comes and goes beside many that stay.
void slab_emplace_erase(benchmark::State& state) {
  reactor::Slab<Object> slab;
  for (std::int64_t i = 0; i < state.range(0); ++i) slab.emplace();
  for (auto _ : state) slab.erase(slab.emplace());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(slab_emplace_erase)->ArgName("live")->Arg(0)->Arg(100'000);

// An iteration: one object more, with its share of the chunks.
void slab_grow(benchmark::State& state) {
  constexpr int kBatch = 100'000;
  for (auto _ : state) {
    reactor::Slab<Object> slab;
    for (int i = 0; i < kBatch; ++i) slab.emplace();
    benchmark::DoNotOptimize(slab.size());
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(slab_grow);

// An iteration: an object by index and generation, jumping through the slab as events of a poller
// do.
void slab_find(benchmark::State& state) {
  reactor::Slab<Object> slab;
  const auto live = static_cast<std::uint32_t>(state.range(0));
  for (std::uint32_t i = 0; i < live; ++i) slab.emplace();
  std::uint32_t index = 0;
  for (auto _ : state) {
    index = (index + 7919) % live;
    benchmark::DoNotOptimize(slab.find(index, 1));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(slab_find)->ArgName("live")->Arg(1'000)->Arg(1'000'000);

}  // namespace

#include "comet/delivery_lag.h"

#include <benchmark/benchmark.h>

#include <cstdint>

#include "bench/support/one_core.h"

namespace {

// An iteration: a turn in which that many messages, received together, reached everybody.
void delivery_lag_turn(benchmark::State& state) {
  comet::DeliveryLag lag;
  const comet::MessageRef message = bench::message();
  std::uint64_t now_us = 0;
  for (auto _ : state) {
    for (std::int64_t i = 0; i < state.range(0); ++i) lag.delivered(*message);
    lag.turn_ended(++now_us);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(delivery_lag_turn)->Arg(1)->Arg(100);

}  // namespace

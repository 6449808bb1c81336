#include "comet/exchange.h"

#include <benchmark/benchmark.h>

namespace {

// An iteration: a connection borrows what it needs for a request, and gives it back.
void exchange_take_give_back(benchmark::State& state) {
  const http::RequestLimits limits;
  comet::ExchangePool pool(limits);
  pool.give_back(pool.take());
  for (auto _ : state) {
    auto exchange = pool.take();
    benchmark::DoNotOptimize(exchange.get());
    pool.give_back(std::move(exchange));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(exchange_take_give_back);

}  // namespace

#include "comet/exchange.h"

#include <benchmark/benchmark.h>

#include <memory>
#include <utility>
#include <vector>

#include "bench/support/requests.h"
#include "reactor/check.h"

namespace {

// An iteration: an exchange is borrowed, reads a request, and is given back.
void exchange_of_one_request(benchmark::State& state) {
  const http::RequestLimits limits;
  comet::ExchangePool pool(limits);
  for (auto _ : state) {
    std::unique_ptr<comet::Exchange> exchange = pool.take();
    const auto progress = exchange->parser.parse(bench::kPushOfWrk);
    CHECK(progress.state == http::RequestParser::State::kComplete);
    pool.give_back(std::move(exchange));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(exchange_of_one_request);

// An iteration: some are borrowed at once, and all given back. Where they are more than the pool
// keeps, the rest is made anew. Items are exchanges.
void exchange_take_give_back(benchmark::State& state) {
  const http::RequestLimits limits;
  comet::ExchangePool pool(limits);
  std::vector<std::unique_ptr<comet::Exchange>> taken;
  for (auto _ : state) {
    for (std::int64_t i = 0; i < state.range(0); ++i) taken.push_back(pool.take());
    for (auto& exchange : taken) pool.give_back(std::move(exchange));
    taken.clear();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(exchange_take_give_back)->ArgName("at_once")->Arg(1)->Arg(64)->Arg(1000);

}  // namespace

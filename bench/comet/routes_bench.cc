#include "comet/routes.h"

#include <benchmark/benchmark.h>

#include <string>

#include "reactor/check.h"

namespace {

// An iteration: each of the table's paths is looked up once. Items are look-ups.
void routes_find(benchmark::State& state) {
  for (auto _ : state) {
    for (const comet::Route& route : comet::routes()) {
      const comet::Route* found = comet::find_route(route.port, route.path);
      CHECK(found != nullptr && found->endpoint == route.endpoint);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(comet::routes().size()));
}
BENCHMARK(routes_find);

// An iteration: the path that matters most.
void routes_find_push(benchmark::State& state) {
  const std::string path = "/push";
  for (auto _ : state) benchmark::DoNotOptimize(comet::find_route(comet::Port::kAdmin, path));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(routes_find_push);

// An iteration: a path that is not there.
void routes_find_nothing(benchmark::State& state) {
  const std::string path = "/favicon.ico";
  for (auto _ : state) benchmark::DoNotOptimize(comet::find_route(comet::Port::kFront, path));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(routes_find_nothing);

}  // namespace

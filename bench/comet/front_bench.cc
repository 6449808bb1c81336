#include "comet/front.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string_view>

#include "bench/support/one_core.h"

namespace {

// An iteration: what a parsed request means.
void handle(benchmark::State& state, std::string_view text) {
  bench::OneCore core;
  const bench::ParsedRequest request(text);
  for (auto _ : state) {
    comet::FrontAction action = core.front().handle(*request);
    benchmark::DoNotOptimize(action);
  }
  state.SetItemsProcessed(state.iterations());
}

void front_stream_of_curl(benchmark::State& state) { handle(state, bench::kStreamOfCurl); }
BENCHMARK(front_stream_of_curl);

void front_sse_of_browser(benchmark::State& state) { handle(state, bench::kSseOfBrowser); }
BENCHMARK(front_sse_of_browser);

// An iteration: from a parsed request to the seat in the channel, the head of the response
// included, and away again.
void front_subscribe_leave(benchmark::State& state) {
  bench::OneCore core;
  core.seat(1, "news", {comet::Transport::kStream, true});
  const bench::ParsedRequest request(bench::kStreamOfCurl);
  for (auto _ : state) {
    core.hub().leave(core.subscribe(1, *request));
    core.turn();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(front_subscribe_leave);

}  // namespace

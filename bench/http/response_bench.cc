#include "http/response.h"

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

namespace {

constexpr http::ResponseHead kHead{.status = 200,
                                   .content_type = "application/json; charset=utf-8",
                                   .date = "Sun, 06 Nov 1994 08:49:37 GMT"};

// An iteration: the answer to a push, whole, into a string that has the room already.
void response_small(benchmark::State& state) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    http::append_response(out, kHead, "{\"type\":\"ok\"}\n");
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(response_small);

// An iteration: the same with a head that was rendered before.
void response_of_known_length(benchmark::State& state) {
  const http::HeadOfKnownLength head(kHead);
  std::string out;
  for (auto _ : state) {
    out.clear();
    head.append_response(out, "{\"type\":\"ok\"}\n");
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(response_of_known_length);

// An iteration: the head of an endless response.
void response_chunked_head(benchmark::State& state) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    http::append_chunked_head(out, kHead);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(response_chunked_head);

}  // namespace

#include "comet/response_heads.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "comet/reply.h"

namespace {

constexpr comet::Framing kStream{comet::Transport::kStream, true};

// An iteration: the head of a subscriber's response, which was needed in this second already.
void response_heads_endless(benchmark::State& state) {
  comet::ResponseHeads heads("Access-Control-Allow-Origin: *\r\n", 2000);
  heads.begin_turn(784'111'777);
  for (auto _ : state) benchmark::DoNotOptimize(heads.endless(kStream, true));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(response_heads_endless);

// An iteration: the first one of a second, which is rendered.
void response_heads_endless_once_a_second(benchmark::State& state) {
  comet::ResponseHeads heads("Access-Control-Allow-Origin: *\r\n", 2000);
  std::int64_t unix_s = 784'111'777;
  for (auto _ : state) {
    heads.begin_turn(++unix_s);
    benchmark::DoNotOptimize(heads.endless(kStream, true));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(response_heads_endless_once_a_second);

// An iteration: the whole answer to a push.
void response_heads_answer(benchmark::State& state) {
  comet::ResponseHeads heads("Access-Control-Allow-Origin: *\r\n", 2000);
  heads.begin_turn(784'111'777);
  std::string out;
  for (auto _ : state) {
    out.clear();
    heads.append_response(out, comet::Port::kAdmin, comet::kJson, true, "{\"type\":\"ok\"}\n");
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(response_heads_answer);

// An iteration: the beginning of a turn in a second that has begun.
void response_heads_begin_turn(benchmark::State& state) {
  comet::ResponseHeads heads("Access-Control-Allow-Origin: *\r\n", 2000);
  heads.begin_turn(784'111'777);
  for (auto _ : state) {
    heads.begin_turn(784'111'777);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(response_heads_begin_turn);

}  // namespace

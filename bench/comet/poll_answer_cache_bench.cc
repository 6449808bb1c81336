#include "comet/poll_answer_cache.h"

#include <benchmark/benchmark.h>

#include "bench/support/one_core.h"

namespace {

constexpr comet::Ref kAudience{7, 1};
constexpr comet::PollWrap kWrap{true, "icomet_cb"};

void answer(benchmark::State& state, bool made_anew) {
  comet::ResponseHeads heads("Access-Control-Allow-Origin: *\r\n", 2000);
  heads.begin_turn(784'111'777);
  comet::Audience audience{comet::ChannelName{"news", 1}};
  audience.window.append(bench::message());
  comet::PollAnswerCache cache;
  for (auto _ : state) {
    if (made_anew) cache.forget();
    benchmark::DoNotOptimize(cache.answer(kAudience, audience, kWrap, 1, true, {}, heads).data());
  }
  state.SetItemsProcessed(state.iterations());
}

// An iteration: the answer that the poll before got as well.
void poll_answer_cache_hit(benchmark::State& state) { answer(state, false); }
BENCHMARK(poll_answer_cache_hit);

// An iteration: an answer is made, as for the first poll of a pass.
void poll_answer_cache_miss(benchmark::State& state) { answer(state, true); }
BENCHMARK(poll_answer_cache_miss);

}  // namespace

#include "comet/admin.h"

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "bench/support/one_core.h"

namespace {

// An iteration: from a parsed request to the command for a hub, the message made.
void handle(benchmark::State& state, std::string_view text) {
  bench::OneCore core;
  const bench::ParsedRequest request(text);
  comet::AdminQuestion question;
  for (auto _ : state) {
    comet::AdminAction action = core.admin().handle(*request, question);
    benchmark::DoNotOptimize(action);
  }
  state.SetItemsProcessed(state.iterations());
}

void admin_push_of_wrk(benchmark::State& state) { handle(state, bench::kPushOfWrk); }
BENCHMARK(admin_push_of_wrk);

void admin_push_of_100_bytes(benchmark::State& state) {
  handle(state, bench::push_request("news", bench::kContent));
}
BENCHMARK(admin_push_of_100_bytes);

// An iteration: the reply to a push.
void admin_reply_to_push(benchmark::State& state) {
  bench::OneCore core;
  const bench::ParsedRequest request(bench::kPushOfWrk);
  comet::AdminQuestion question;
  core.admin().handle(*request, question);
  comet::Answer answer;
  answer.seq = 1;
  for (auto _ : state) benchmark::DoNotOptimize(core.admin().reply(question, answer));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(admin_reply_to_push);

// An iteration: a push through Admin, Hub and Home to a channel without subscribers, a turn, and
// the bytes of the answer.
void admin_push_to_nobody(benchmark::State& state) {
  bench::OneCore core;
  const bench::ParsedRequest request(bench::kPushOfWrk);
  for (auto _ : state) {
    core.push(*request);
    core.turn();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(admin_push_to_nobody);

}  // namespace

#include "comet/admission.h"

#include <benchmark/benchmark.h>

#include "bench/support/requests.h"
#include "reactor/check.h"

namespace {

void refusal(benchmark::State& state, const comet::Config& config) {
  const auto admission = comet::Admission::make(config);
  CHECK(admission);
  const bench::ParsedRequest push(bench::kPushOfWrk);
  const comet::Standing local{};
  for (auto _ : state) benchmark::DoNotOptimize(admission->refusal(*push, local));
  state.SetItemsProcessed(state.iterations());
}

// An iteration: a push from a machine that may, without keys.
void admission_refusal(benchmark::State& state) { refusal(state, {}); }
BENCHMARK(admission_refusal);

// An iteration: the same where a key is asked for, and none is shown.
void admission_refusal_without_the_key(benchmark::State& state) {
  comet::Config config;
  config.admin.key = {"0123456789abcdef0123456789abcdef"};
  refusal(state, config);
}
BENCHMARK(admission_refusal_without_the_key);

}  // namespace

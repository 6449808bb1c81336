#include "comet/push_batch.h"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "comet/name.h"
#include "reactor/check.h"

namespace {

constexpr std::size_t kMessages = 10'000;

std::string body_of(std::size_t channels, std::size_t content_bytes) {
  const std::string content(content_bytes, 'x');
  std::string body;
  for (std::size_t i = 0; i < kMessages; ++i) {
    body += R"({"cname":"channel-)" + std::to_string(i % channels) + R"(","content":")" + content +
            "\"}\n";
  }
  return body;
}

// An item is a message of a batch for that many channels, with contents of that many bytes: from
// the body to the answer, but for what homes do.
void push_batch_from_body_to_answer(benchmark::State& state) {
  const std::string body =
      body_of(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)));
  const comet::NameHash hash(1, 2);
  for (auto _ : state) {
    comet::PushBatch batch(body, comet::PushForm::kLines, "", hash, {kMessages, 1 << 20}, 0);
    while (batch.read_some() == comet::PushBatch::Reading::kMore) {
    }
    const std::vector<comet::PushOrder> orders = batch.take_orders(1);
    batch.add(0, {{}, std::vector<comet::PushResult>(orders[0].entries.size())});
    CHECK(batch.is_answered());
    benchmark::DoNotOptimize(batch.answer());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kMessages));
}
BENCHMARK(push_batch_from_body_to_answer)->Args({1, 32})->Args({1000, 32})->Args({1, 700});

// The longest slice of a turn: of small messages, and of large ones.
void push_batch_slice(benchmark::State& state) {
  const std::string body = body_of(1000, static_cast<std::size_t>(state.range(0)));
  const comet::NameHash hash(1, 2);
  for (auto _ : state) {
    state.PauseTiming();
    comet::PushBatch batch(body, comet::PushForm::kLines, "", hash, {kMessages, 1 << 20}, 0);
    state.ResumeTiming();
    benchmark::DoNotOptimize(batch.read_some());
  }
}
BENCHMARK(push_batch_slice)->Arg(32)->Arg(700);

// What the first turn has to do besides: a copy of the body, and where its elements are.
void push_batch_begin_of_array(benchmark::State& state) {
  std::string body = "[" + body_of(1000, 700);
  for (char& c : body) {
    if (c == '\n') c = ',';
  }
  body.back() = ']';
  const comet::NameHash hash(1, 2);
  for (auto _ : state) {
    comet::PushBatch batch(body, comet::PushForm::kArray, "", hash, {kMessages, 1 << 20}, 0);
    benchmark::DoNotOptimize(batch.read_some());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(push_batch_begin_of_array);

}  // namespace

#include "http/json.h"

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "bench/support/requests.h"

namespace {

// An iteration: one content is escaped into a string that has the room already.
void escape(benchmark::State& state, std::string_view raw) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    http::append_json_escaped(out, raw);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(raw.size()));
}

void json_escape_clean_100_bytes(benchmark::State& state) { escape(state, bench::kContent); }
BENCHMARK(json_escape_clean_100_bytes);

void json_escape_clean_10_kilobytes(benchmark::State& state) {
  std::string raw;
  while (raw.size() < 10'000) raw += bench::kContent;
  escape(state, raw);
}
BENCHMARK(json_escape_clean_10_kilobytes);

// JSON within JSON: a quote every few bytes.
void json_escape_object(benchmark::State& state) {
  escape(state,
         R"({"user":"anna","room":"lobby","text":"hello\nworld","at":1700000000,"read":false})");
}
BENCHMARK(json_escape_object);

void json_escape_nothing_but_quotes(benchmark::State& state) {
  escape(state, std::string(100, '"'));
}
BENCHMARK(json_escape_nothing_but_quotes);

// An iteration: the same for what /pub brings, which is checked and not escaped.
void json_check_body(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(http::is_json_string_body(bench::kContent));
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bench::kContent.size()));
}
BENCHMARK(json_check_body);

// An iteration: a content is looked through for "</" and "<!", as each new message is.
void json_needs_iframe_escape(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(http::needs_iframe_escape(bench::kContent));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(json_needs_iframe_escape);

}  // namespace

#include "http/query.h"

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "bench/support/requests.h"

namespace {

// An iteration: one value is decoded into a string that has the room already.
void decode(benchmark::State& state, std::string_view encoded) {
  std::string out;
  for (auto _ : state) {
    benchmark::DoNotOptimize(http::decode_component(encoded, out));
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(encoded.size()));
}

void query_decode_word(benchmark::State& state) { decode(state, "news"); }
BENCHMARK(query_decode_word);

// A sentence of 100 bytes with its blanks as '+'.
void query_decode_sentence(benchmark::State& state) {
  std::string encoded(bench::kContent);
  for (char& c : encoded) {
    if (c == ' ') c = '+';
  }
  decode(state, encoded);
}
BENCHMARK(query_decode_sentence);

// Every byte encoded, as encodeURIComponent() does with Cyrillic, Greek or Chinese.
void query_decode_all_encoded(benchmark::State& state) {
  std::string encoded;
  for (int i = 0; i < 50; ++i) encoded += "%D1%8F";
  decode(state, encoded);
}
BENCHMARK(query_decode_all_encoded);

// An iteration: the pairs of a push are found and decoded.
void query_pairs_of_push(benchmark::State& state) {
  const std::string_view query = "cname=news&content=hello%20world&cb=jQuery_17&_=1700000000";
  std::string name;
  std::string value;
  for (auto _ : state) {
    http::for_each_pair(query, [&](std::string_view encoded_name, std::string_view encoded_value) {
      benchmark::DoNotOptimize(http::decode_component(encoded_name, name));
      benchmark::DoNotOptimize(http::decode_component(encoded_value, value));
    });
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(query_pairs_of_push);

}  // namespace

#include "http/byte_scan.h"

#include <benchmark/benchmark.h>

#include <string>

namespace {

struct Quote {
  static bool is(unsigned char byte) { return byte == '"'; }
#if defined(__SSE2__)
  static __m128i in(__m128i bytes) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')); }
#endif
};

// An iteration: a text is looked through that has none of the kind. Bytes are the text's.
void byte_scan_find_first(benchmark::State& state) {
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    benchmark::DoNotOptimize(http::find_first<Quote>(text.data(), text.data() + text.size()));
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(byte_scan_find_first)->ArgName("bytes")->Arg(8)->Arg(100)->Arg(10'000);

}  // namespace

#include "http/byte_scan.h"

#include <benchmark/benchmark.h>

#include <string>

#include "reactor/check.h"

namespace {

// As in escaping: a quote, a backslash, or a control character.
struct Special {
  static bool is(unsigned char byte) { return byte < 0x20 || byte == '"' || byte == '\\'; }
#if defined(__SSE2__)
  static __m128i in(__m128i bytes) {
    const __m128i control =
        _mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8(0x1f)), _mm_set1_epi8(0x1f));
    const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    return _mm_or_si128(control, _mm_or_si128(quote, backslash));
  }
#endif
};

// An iteration: a text in which the byte that is looked for stands last.
void byte_scan_find_first(benchmark::State& state) {
  std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  text.back() = '"';
  const char* const end = text.data() + text.size();
  for (auto _ : state) {
    const char* found = http::find_first<Special>(text.data(), end);
    CHECK(found == end - 1);
    benchmark::DoNotOptimize(found);
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(byte_scan_find_first)->ArgName("bytes")->Arg(5)->Arg(16)->Arg(100)->Arg(10'000);

}  // namespace

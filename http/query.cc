#include "http/query.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace http {
namespace {

constexpr std::uint8_t kNotHex = 0xff;

constexpr std::array<std::uint8_t, 256> kHexValue = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNotHex);
  for (std::uint8_t digit = 0; digit < 10; ++digit) table[std::size_t{'0'} + digit] = digit;
  for (std::uint8_t letter = 0; letter < 6; ++letter) {
    const auto value = static_cast<std::uint8_t>(10 + letter);
    table[std::size_t{'a'} + letter] = value;
    table[std::size_t{'A'} + letter] = value;
  }
  return table;
}();

// The first '%' or '+' of [at, end), or end.
const char* find_encoded(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i percent = _mm_set1_epi8('%');
  const __m128i plus = _mm_set1_epi8('+');
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(bytes, percent), _mm_cmpeq_epi8(bytes, plus));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits));
    if (mask != 0) return at + std::countr_zero(mask);
  }
#endif
  while (at != end && *at != '%' && *at != '+') ++at;
  return at;
}

}  // namespace

bool decode_component(std::string_view in, std::string& out) {
  // Decoding never lengthens, so one allocation at most, and none when out has been used before.
  out.resize(in.size());
  char* to = out.data();
  const char* at = in.data();
  const char* const end = at + in.size();
  while (at != end) {
    // Text in another script is one escape after the other: look for a run only where one is.
    if (*at == '%') {
      if (end - at < 3) return false;
      const std::uint8_t high = kHexValue[static_cast<std::uint8_t>(at[1])];
      const std::uint8_t low = kHexValue[static_cast<std::uint8_t>(at[2])];
      if ((high | low) > 0xf) return false;
      *to++ = static_cast<char>(high << 4 | low);
      at += 3;
    } else if (*at == '+') {
      *to++ = ' ';
      ++at;
    } else {
      const char* const run_end = find_encoded(at, end);
      const auto size = static_cast<std::size_t>(run_end - at);
      std::memcpy(to, at, size);
      to += size;
      at = run_end;
    }
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  return true;
}

}  // namespace http

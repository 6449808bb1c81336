// Finding the first byte of a kind, sixteen at a time where the processor can.
//
// A kind is a type with two functions that must agree: is(byte) for one byte, and, under SSE2,
// in(bytes), which sets those lanes to all ones that hold a byte of the kind. Functions of their
// arguments; usable from any core.
#pragma once

#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace http {

// HOT. The first byte of the kind in [at, end), or end.
template <class Kind>
const char* find_first(const char* at, const char* end) {
#if defined(__SSE2__)
  const auto lanes_at = [](const char* place) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(place));
    return static_cast<unsigned>(_mm_movemask_epi8(Kind::in(bytes)));
  };
  if (end - at >= 16) {
    for (; end - at >= 16; at += 16) {
      if (const unsigned lanes = lanes_at(at); lanes != 0) return at + std::countr_zero(lanes);
    }
    // The rest, together with bytes that are known not to be of the kind.
    const unsigned lanes = lanes_at(end - 16);
    return lanes != 0 ? end - 16 + std::countr_zero(lanes) : end;
  }
#endif
  while (at != end && !Kind::is(static_cast<unsigned char>(*at))) ++at;
  return at;
}

}  // namespace http

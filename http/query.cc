#include "http/query.h"

#include <array>
#include <bit>
#include <cstdint>

#include "http/byte_scan.h"

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

struct Encoded {
  static bool is(unsigned char byte) { return byte == '%' || byte == '+'; }
#if defined(__SSE2__)
  static __m128i in(__m128i bytes) {
    return _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('%')),
                        _mm_cmpeq_epi8(bytes, _mm_set1_epi8('+')));
  }
#endif
};

// Copies what is not encoded at the beginning of [at, end) and returns how much that is, at most
// what one step takes. There is as much room at `to` as there are bytes to read, so whole vectors
// may be written before it is known how much of them counts.
std::size_t copy_plain(const char* at, const char* end, char* to) {
#if defined(__SSE2__)
  if (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
    const auto lanes = static_cast<unsigned>(_mm_movemask_epi8(Encoded::in(bytes)));
    return lanes == 0 ? 16 : static_cast<std::size_t>(std::countr_zero(lanes));
  }
#endif
  const char* const begin = at;
  while (at != end && !Encoded::is(static_cast<unsigned char>(*at))) *to++ = *at++;
  return static_cast<std::size_t>(at - begin);
}

}  // namespace

bool decode_component(std::string_view in, std::string& out) {
  const char* at = in.data();
  const char* const end = at + in.size();
  if (find_first<Encoded>(at, end) == end) {  // as in most of them
    out.assign(in);
    return true;
  }
  // Decoding never lengthens, so one allocation at most, and none when out has been used before.
  out.resize(in.size());
  char* to = out.data();
  while (at != end) {
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
      const std::size_t size = copy_plain(at, end, to);
      at += size;
      to += size;
    }
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  return true;
}

}  // namespace http

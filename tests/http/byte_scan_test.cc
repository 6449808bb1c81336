#include "http/byte_scan.h"

#include <gtest/gtest.h>

#include <string>

namespace http {
namespace {

struct Digit {
  static bool is(unsigned char byte) { return byte >= '0' && byte <= '9'; }
#if defined(__SSE2__)
  static __m128i in(__m128i bytes) {
    const __m128i from = _mm_cmpgt_epi8(bytes, _mm_set1_epi8('0' - 1));
    return _mm_and_si128(from, _mm_cmplt_epi8(bytes, _mm_set1_epi8('9' + 1)));
  }
#endif
};

std::size_t first_digit(const std::string& text) {
  const char* const begin = text.data();
  return static_cast<std::size_t>(find_first<Digit>(begin, begin + text.size()) - begin);
}

TEST(ByteScan, FindsTheFirstOfItsKindAtEveryPlace) {
  for (std::size_t size = 0; size < 50; ++size) {
    EXPECT_EQ(first_digit(std::string(size, 'x')), size);
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      text[at] = '7';
      EXPECT_EQ(first_digit(text), at) << size;
      text.back() = '9';
      EXPECT_EQ(first_digit(text), at) << size;
    }
  }
}

TEST(ByteScan, TellsEveryByteAloneAndAmongSixteen) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool is_digit = byte >= '0' && byte <= '9';
    const std::string one(1, static_cast<char>(byte));
    EXPECT_EQ(first_digit(one), is_digit ? 0u : 1u);
    EXPECT_EQ(first_digit(one + std::string(15, 'x')), is_digit ? 0u : 16u);
  }
}

}  // namespace
}  // namespace http

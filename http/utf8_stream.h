// Is what has come so far the beginning of UTF-8 (RFC 3629)? For text that arrives in pieces.
//
// A value of three bytes; usable from any core. How the text is cut makes no difference, and a byte
// after which no continuation could be valid is refused as soon as it is here.
#pragma once

#include <cstdint>
#include <string_view>

namespace http {

class Utf8Stream {
 public:
  // False when the text can't become valid any more; what is fed after that means nothing.
  bool feed(std::string_view bytes);

  // The text may end here: no character is incomplete.
  [[nodiscard]] bool is_complete() const { return missing_ == 0; }

  void reset() { *this = Utf8Stream(); }

 private:
  bool begin_character(std::uint8_t lead);

  std::uint8_t missing_ = 0;  // continuation bytes of the character that was begun
  // What the next of them may be: after some leads less than 80 to BF (RFC 3629 4).
  std::uint8_t least_ = 0x80;
  std::uint8_t most_ = 0xbf;
};

}  // namespace http

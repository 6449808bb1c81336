// Names of parameters, whose case does not matter.
#pragma once

#include <cstddef>
#include <string_view>

namespace comet {

// `letters` are lower-case letters, of which a bit makes the other case equal and no other
// byte, and underscores.
inline bool equals_letters(std::string_view text, std::string_view letters) {
  if (text.size() != letters.size()) return false;
  if (text == letters) return true;  // as nearly everybody writes it
  unsigned differs = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned other_case = letters[i] == '_' ? 0 : 0x20;
    differs |=
        (static_cast<unsigned char>(text[i]) | other_case) ^ static_cast<unsigned char>(letters[i]);
  }
  return differs == 0;
}

}  // namespace comet

// Names of parameters, whose case does not matter.
#pragma once

#include <cstddef>
#include <string_view>

namespace comet {

// HOT. `letters` are lower-case letters: a bit makes the other case equal, and no other byte.
inline bool equals_letters(std::string_view text, std::string_view letters) {
  if (text.size() != letters.size()) return false;
  unsigned differs = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    differs |=
        (static_cast<unsigned char>(text[i]) | 0x20u) ^ static_cast<unsigned char>(letters[i]);
  }
  return differs == 0;
}

}  // namespace comet

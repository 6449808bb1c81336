// What a text takes beside the object that holds it.
#pragma once

#include <cstddef>
#include <string>

namespace comet {

// Bytes outside of the object: none for a short one, which libstdc++ keeps in place.
inline std::size_t memory_of(const std::string& text) {
  constexpr std::size_t kInPlaceMax = 15;
  return text.capacity() > kInPlaceMax ? text.capacity() + 1 : 0;
}

}  // namespace comet

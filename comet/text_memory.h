// What a text takes beside the object that holds it, and what is kept of it when it is used again.
#pragma once

#include <cstddef>
#include <string>

namespace comet {

// Bytes outside of the object: none for a short one, which libstdc++ keeps in place.
inline std::size_t memory_of(const std::string& text) {
  constexpr std::size_t kInPlaceMax = 15;
  return text.capacity() > kInPlaceMax ? text.capacity() + 1 : 0;
}

// Of a text that is made again and again, and of a JSON parser's, which takes 14 bytes for each: a
// long one leaves no more than that behind.
inline constexpr std::size_t kReusedTextBytesMax = 256 * 1024;
inline constexpr std::size_t kReusedJsonBytesMax = 64 * 1024;

inline void make_empty(std::string& text, std::size_t kept_max = kReusedTextBytesMax) {
  // Assigning an empty one would keep the room.
  if (text.capacity() > kept_max) std::string().swap(text);
  text.clear();
}

}  // namespace comet

// A channel's name together with its hash, which is computed once, where the name enters.
//
// The hash picks the home core and serves every table. It is SipHash under a random key, so that
// nobody outside can make names that collide.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "comet/text_memory.h"

namespace comet {

struct ChannelName {
  std::string text;
  std::uint64_t hash = 0;

  // Bytes outside of the object: none for a short name.
  [[nodiscard]] std::size_t memory() const { return memory_of(text); }
  friend bool operator==(const ChannelName& a, const ChannelName& b) {
    return a.hash == b.hash && a.text == b.text;
  }
};

// What keeps a text from being a channel's name (API.md: 1 to 255 bytes of UTF-8 without control
// characters), in one line; "" when nothing does.
std::string_view fault_of_name(std::string_view text);

// Immutable; shared by all cores.
class NameHash {
 public:
  static NameHash random();
  NameHash(std::uint64_t key0, std::uint64_t key1) : key0_(key0), key1_(key1) {}

  [[nodiscard]] std::uint64_t operator()(std::string_view name) const;
  [[nodiscard]] ChannelName named(std::string_view name) const {
    return {std::string(name), (*this)(name)};
  }

 private:
  std::uint64_t key0_;
  std::uint64_t key1_;
};

// The core that numbers the channel's messages. The low bits go to the hash tables, so the high
// ones choose.
inline std::size_t home_core(std::uint64_t hash, std::size_t cores) {
  return static_cast<std::size_t>(((hash >> 32) * cores) >> 32);
}

}  // namespace comet

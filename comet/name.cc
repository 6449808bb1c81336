#include "comet/name.h"

#include <highwayhash/sip_hash.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "http/utf8.h"
#include "reactor/random.h"

namespace comet {
namespace {

constexpr std::size_t kNameBytesMax = 255;

// Nothing can be wrong with printable ASCII, and most names have nothing else.
bool is_printable_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// Unicode's category Cc: C0, DEL and, as two bytes of UTF-8, C1.
bool has_control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string_view fault_of_name(std::string_view text) {
  if (text.empty()) return "cname is missing";
  if (text.size() > kNameBytesMax) return "cname is longer than 255 bytes";
  if (is_printable_ascii(text)) return {};
  if (!http::is_valid_utf8(text)) return "cname is not valid UTF-8";
  if (has_control_character(text)) return "cname has a control character";
  return {};
}

NameHash NameHash::random() {
  std::array<std::uint8_t, 16> bytes{};
  reactor::fill_random(bytes);
  std::uint64_t keys[2];
  std::memcpy(keys, bytes.data(), sizeof keys);
  return {keys[0], keys[1]};
}

std::uint64_t NameHash::operator()(std::string_view name) const {
  const highwayhash::HH_U64 key[2] = {key0_, key1_};
  // It must not be given a null pointer, even for nothing.
  return highwayhash::SipHash(key, name.empty() ? "" : name.data(), name.size());
}

}  // namespace comet

#include "comet/name.h"

#include <highwayhash/sip_hash.h>

#include <array>
#include <cstring>

#include "reactor/random.h"

namespace comet {

NameHash NameHash::random() {
  std::array<std::uint8_t, 16> bytes{};
  reactor::fill_random(bytes);
  std::uint64_t keys[2];
  std::memcpy(keys, bytes.data(), sizeof keys);
  return {keys[0], keys[1]};
}

std::uint64_t NameHash::operator()(std::string_view name) const {
  const highwayhash::HH_U64 key[2] = {key0_, key1_};
  return highwayhash::SipHash(key, name.data(), name.size());
}

}  // namespace comet

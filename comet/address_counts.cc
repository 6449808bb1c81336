#include "comet/address_counts.h"

#include <absl/hash/hash.h>

#include "reactor/check.h"

namespace comet {
namespace {

constexpr AddressKey kV4Prefix = 0xffffull << 32;

}  // namespace

AddressKey address_key(const reactor::IpAddress& address) {
  const std::size_t significant = address.is_v4 ? 4 : 8;
  AddressKey key = 0;
  for (std::size_t i = 0; i < significant; ++i) key = key << 8 | address.bytes[i];
  return address.is_v4 ? kV4Prefix | key : key;
}

AddressCounts::Shard& AddressCounts::shard_of(AddressKey address) {
  return shards_[absl::Hash<AddressKey>{}(address) % kShards];
}

bool AddressCounts::take(AddressKey address, std::uint32_t max) {
  Shard& shard = shard_of(address);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.counts.find(address);
  if (found == shard.counts.end()) {
    if (max == 0) return false;
    shard.counts.emplace(address, 1);
    return true;
  }
  if (found->second >= max) return false;
  ++found->second;
  return true;
}

void AddressCounts::give_back(AddressKey address) {
  Shard& shard = shard_of(address);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.counts.find(address);
  CHECK(found != shard.counts.end());
  if (--found->second == 0) shard.counts.erase(found);
}

std::uint32_t AddressCounts::count(AddressKey address) {
  Shard& shard = shard_of(address);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.counts.find(address);
  return found == shard.counts.end() ? 0 : found->second;
}

std::size_t AddressCounts::addresses() {
  std::size_t sum = 0;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    sum += shard.counts.size();
  }
  return sum;
}

}  // namespace comet

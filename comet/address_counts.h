// How many connections each client address has, over all cores.
//
// Shared by all cores, any of which may call it. Used only under front.max_connections_per_address:
// it costs nothing while that is off. A lock is held for one look-up when a connection comes or
// goes, one of many, by address; there is none on the path of a message.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <mutex>

#include "reactor/endpoint.h"

namespace comet {

// What counts as one client: an IPv4 address, or the 64-bit prefix of an IPv6 address, since
// whoever has one address of such a network has all of them (RFC 6177). An IPv4 address stands
// behind 0:ffff, a prefix that nobody has (RFC 4291 2.4).
using AddressKey = std::uint64_t;
AddressKey address_key(const reactor::IpAddress& address);

class AddressCounts {
 public:
  // One more, unless there are `max` already.
  [[nodiscard]] bool take(AddressKey address, std::uint32_t max);
  // One less of what take() allowed.
  void give_back(AddressKey address);
  [[nodiscard]] std::uint32_t count(AddressKey address);
  // Addresses that have connections.
  [[nodiscard]] std::size_t addresses();

 private:
  static constexpr std::size_t kShards = 64;
  struct alignas(64) Shard {
    std::mutex mutex;
    absl::flat_hash_map<AddressKey, std::uint32_t> counts;
  };

  Shard& shard_of(AddressKey address);

  std::array<Shard, kShards> shards_;
};

}  // namespace comet

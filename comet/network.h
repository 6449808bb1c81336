// A network of IP addresses as operators write it: "10.0.0.0/8", "fd00::/8", "192.168", "::1".
//
// A value. Both families; an IPv4-mapped IPv6 address or network is the IPv4 one
// (reactor::IpAddress).
#pragma once

#include <string_view>

#include "reactor/endpoint.h"
#include "reactor/result.h"

namespace comet {

struct Network {
  reactor::IpAddress address;
  unsigned prefix_bits = 0;

  // An address, a network with the length of its prefix, or the first one to three numbers of an
  // IPv4 address.
  static reactor::Result<Network> parse(std::string_view text);

  [[nodiscard]] bool contains(const reactor::IpAddress& other) const;
};

}  // namespace comet

// Network addresses as operators write them and as the kernel wants them.
//
// Values; no owner, usable from any core. Only numeric addresses: a name that must be looked up
// can change between the check and the start, and a look-up blocks.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "reactor/result.h"

struct sockaddr_storage;

namespace reactor {

// An IPv4 or IPv6 address. IPv4 stands in the first four bytes; an IPv4-mapped IPv6 address
// (RFC 4291 2.5.5.2) is normalised to IPv4, so that one access rule covers both spellings.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v4 = true;

  static Result<IpAddress> parse(std::string_view text);
  // From the bytes in the order of the network.
  static IpAddress from_v4(std::span<const std::uint8_t, 4> bytes);
  static IpAddress from_v6(std::span<const std::uint8_t, 16> bytes);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

// An address and a port: "127.0.0.1:8100", "[::1]:8100". Port 0 asks the kernel for a free one.
struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  static Result<Endpoint> parse(std::string_view text);
  static Endpoint from_sockaddr(const sockaddr_storage& from);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

}  // namespace reactor

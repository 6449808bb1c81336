#include "reactor/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace reactor {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

IpAddress IpAddress::from_v4(std::span<const std::uint8_t, 4> bytes) {
  IpAddress address;
  std::ranges::copy(bytes, address.bytes.begin());
  return address;
}

IpAddress IpAddress::from_v6(std::span<const std::uint8_t, 16> bytes) {
  if (std::ranges::equal(kMappedPrefix, bytes.first<12>())) return from_v4(bytes.last<4>());
  IpAddress address;
  address.is_v4 = false;
  std::ranges::copy(bytes, address.bytes.begin());
  return address;
}

Result<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);
  // inet_pton(3) would stop at a zero byte and accept what stands before it.
  const bool has_zero = text.find('\0') != std::string_view::npos;
  if (has_zero) return Error{"an address must not contain a zero byte"};
  in_addr v4{};
  if (inet_pton(AF_INET, terminated.c_str(), &v4) == 1) {
    IpAddress address;
    std::memcpy(address.bytes.data(), &v4, sizeof v4);
    return address;
  }
  in6_addr v6{};
  if (inet_pton(AF_INET6, terminated.c_str(), &v6) == 1) return from_v6(v6.s6_addr);
  return Error{"\"" + terminated + "\" is not an IPv4 or IPv6 address"};
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes.data(), text, sizeof text);
  return text;
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
  const std::string shown = "\"" + std::string(text) + "\"";
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return Error{shown + " has no port; write ADDRESS:PORT, like 127.0.0.1:8100 or [::1]:8100"};
  }
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!text.empty() && text.front() == '[' && text.back() == ']') {
    return Error{shown + " has no port; write [ADDRESS]:PORT"};
  }
  if (!bracketed && host.find(':') != std::string_view::npos) {
    return Error{shown + " is an IPv6 address without brackets; write [ADDRESS]:PORT"};
  }

  unsigned port = 0;
  const char* end = port_text.data() + port_text.size();
  const auto [parsed_to, error] = std::from_chars(port_text.data(), end, port);
  if (error != std::errc{} || parsed_to != end || port > 65535) {
    return Error{shown + " has a bad port; a port is a number from 0 to 65535"};
  }
  Result<IpAddress> address = IpAddress::parse(host);
  if (!address) return Error{shown + ": " + address.error()};
  return Endpoint{*address, static_cast<std::uint16_t>(port)};
}

Endpoint Endpoint::from_sockaddr(const sockaddr_storage& from) {
  Endpoint endpoint;
  if (from.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &from, sizeof in);
    std::memcpy(endpoint.address.bytes.data(), &in.sin_addr, 4);
    endpoint.port = ntohs(in.sin_port);
  } else if (from.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &from, sizeof in);
    endpoint.address = IpAddress::from_v6(in.sin6_addr.s6_addr);
    endpoint.port = ntohs(in.sin6_port);
  }
  return endpoint;
}

std::string Endpoint::to_string() const {
  const std::string host = address.to_string();
  return (address.is_v4 ? host : "[" + host + "]") + ":" + std::to_string(port);
}

}  // namespace reactor

#include "reactor/proxy_header.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace reactor {
namespace {

using State = ProxyHeader::State;

constexpr ProxyHeader kNeedMore{State::kNeedMore, 0, {}};
constexpr ProxyHeader kMalformed{State::kMalformed, 0, {}};

// Whether the bytes begin with the signature, as far as they go.
bool may_begin_with(std::string_view bytes, std::string_view signature) {
  return signature.starts_with(bytes.substr(0, signature.size()));
}

// --- Version 1

constexpr std::string_view kTextSignature = "PROXY ";
constexpr std::size_t kTextBytesMax = 107;  // with CRLF

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [parsed_to, error] = std::from_chars(text.data(), end, port);
  const bool leading_zero = text.size() > 1 && text.front() == '0';
  if (error != std::errc{} || parsed_to != end || leading_zero) return std::nullopt;
  return port;
}

std::optional<IpAddress> parse_address(std::string_view text, bool wants_v6) {
  const bool is_v6 = text.find(':') != std::string_view::npos;
  auto address = IpAddress::parse(text);
  if (!address || is_v6 != wants_v6) return std::nullopt;
  return *address;
}

// "TCP4 source destination source-port destination-port", each set apart by one space.
std::optional<Endpoint> parse_tcp(std::string_view text) {
  std::array<std::string_view, 5> fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::size_t space = i + 1 < fields.size() ? text.find(' ') : text.size();
    if (space == std::string_view::npos) return std::nullopt;
    fields[i] = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  const auto [protocol, source, destination, source_port, destination_port] = fields;
  if (protocol != "TCP4" && protocol != "TCP6") return std::nullopt;
  const bool v6 = protocol == "TCP6";
  const auto client = parse_address(source, v6);
  const auto client_port = parse_port(source_port);
  const bool destination_is_right =
      parse_address(destination, v6).has_value() && parse_port(destination_port).has_value();
  if (!client || !client_port || !destination_is_right) return std::nullopt;
  return Endpoint{*client, *client_port};
}

ProxyHeader parse_text(std::string_view bytes) {
  const std::size_t newline = bytes.substr(0, kTextBytesMax).find('\n');
  if (newline == std::string_view::npos) {
    return bytes.size() < kTextBytesMax ? kNeedMore : kMalformed;
  }
  if (bytes[newline - 1] != '\r') return kMalformed;
  const std::size_t size = newline + 1;
  std::string_view line = bytes.substr(0, newline - 1);
  line.remove_prefix(std::min(kTextSignature.size(), line.size()));
  // What an older sender writes behind it is to be ignored.
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return {State::kComplete, size, {}};
  const auto client = parse_tcp(line);
  if (!client) return kMalformed;
  return {State::kComplete, size, client};
}

// --- Version 2

constexpr std::string_view kBinarySignature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t kFixedBytes = 16;  // signature, version and command, family, length

enum class Command : std::uint8_t { kLocal = 0x20, kProxy = 0x21 };  // both of version 2

struct Family {
  std::uint8_t number;       // the upper four bits of the 14th byte
  std::size_t address_size;  // of the block of addresses and ports
};
constexpr std::array<Family, 4> kFamilies{{{0x0, 0}, {0x1, 12}, {0x2, 36}, {0x3, 216}}};
constexpr std::uint8_t kProtocolMax = 0x2;  // unspecified, stream, datagram
constexpr std::uint8_t kTcp4 = 0x11;
constexpr std::uint8_t kTcp6 = 0x21;

std::uint16_t number_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>((bytes[at] << 8) | bytes[at + 1]);
}

// The source of a block that has both addresses, then both ports.
Endpoint source_in(std::span<const std::uint8_t> block, std::uint8_t family) {
  if (family == kTcp4) return {IpAddress::from_v4(block.first<4>()), number_at(block, 8)};
  return {IpAddress::from_v6(block.first<16>()), number_at(block, 32)};
}

ProxyHeader parse_binary(std::string_view text) {
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  if (bytes.size() <= 12) return kNeedMore;
  const auto command = static_cast<Command>(bytes[12]);
  if (command != Command::kLocal && command != Command::kProxy) return kMalformed;
  if (bytes.size() < kFixedBytes) return kNeedMore;
  const std::size_t block_size = number_at(bytes, 14);
  const std::size_t size = kFixedBytes + block_size;
  if (size > ProxyHeader::kBytesMax) return kMalformed;
  if (bytes.size() < size) return kNeedMore;
  // A proxy that speaks for itself may say anything about addresses.
  if (command == Command::kLocal) return {State::kComplete, size, {}};

  const std::uint8_t family = bytes[13];
  const auto* known = std::ranges::find(kFamilies, family >> 4, &Family::number);
  if (known == kFamilies.end() || (family & 0xf) > kProtocolMax) return kMalformed;
  if (block_size < known->address_size) return kMalformed;
  // Behind the addresses are additions (TLVs), which nobody here asks about.
  if (family != kTcp4 && family != kTcp6) return {State::kComplete, size, {}};
  return {State::kComplete, size, source_in(bytes.subspan(kFixedBytes, block_size), family)};
}

}  // namespace

ProxyHeader ProxyHeader::parse(std::string_view bytes) {
  if (bytes.empty()) return kNeedMore;
  if (may_begin_with(bytes, kTextSignature)) {
    return bytes.size() < kTextSignature.size() ? kNeedMore : parse_text(bytes);
  }
  if (may_begin_with(bytes, kBinarySignature)) return parse_binary(bytes);
  return kMalformed;
}

}  // namespace reactor

#include "comet/network.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace comet {
namespace {

constexpr unsigned kV4Bits = 32;
constexpr unsigned kV6Bits = 128;

// All of `text` as a decimal number of at most `max`.
std::optional<unsigned> parse_number(std::string_view text, unsigned max) {
  unsigned number = 0;
  const char* end = text.data() + text.size();
  const auto [parsed_to, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc{} || parsed_to != end || number > max) return std::nullopt;
  return number;
}

// "192.168" and "192.168." : the first one to three bytes of an IPv4 address. By whole numbers, so
// that "10" is not also 100.1.2.3.
std::optional<Network> parse_textual_prefix(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  reactor::IpAddress address;
  unsigned count = 0;
  while (true) {
    const std::size_t dot = text.find('.');
    const auto byte = parse_number(text.substr(0, dot), 255);
    if (!byte || count == 3) return std::nullopt;
    address.bytes[count++] = static_cast<std::uint8_t>(*byte);
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  return Network{address, count * 8};
}

}  // namespace

reactor::Result<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address_text = text.substr(0, slash);
  const auto address = reactor::IpAddress::parse(address_text);
  if (!address) {
    if (const auto prefix = parse_textual_prefix(text)) return *prefix;
    return reactor::Error{fmt::format(
        "\"{}\" is not an address, a network (10.0.0.0/8) or a prefix (192.168)", text)};
  }
  const unsigned bits_max = address->is_v4 ? kV4Bits : kV6Bits;
  if (slash == std::string_view::npos) return Network{*address, bits_max};

  // An IPv4-mapped network (::ffff:10.0.0.0/104) counts its bits in IPv6's.
  const unsigned bits_skipped =
      address->is_v4 && address_text.find(':') != std::string_view::npos ? kV6Bits - kV4Bits : 0;
  const auto bits = parse_number(text.substr(slash + 1), bits_skipped + bits_max);
  if (!bits || *bits < bits_skipped) {
    return reactor::Error{
        fmt::format("\"{}\" has a bad prefix length; it is a number from {} to {}", text,
                    bits_skipped, bits_skipped + bits_max)};
  }
  return Network{*address, *bits - bits_skipped};
}

bool Network::contains(const reactor::IpAddress& other) const {
  if (address.is_v4 != other.is_v4) return false;
  const unsigned whole = prefix_bits / 8;
  if (!std::equal(address.bytes.begin(), address.bytes.begin() + whole, other.bytes.begin())) {
    return false;
  }
  const unsigned rest = prefix_bits % 8;
  if (rest == 0) return true;
  return ((address.bytes[whole] ^ other.bytes[whole]) >> (8 - rest)) == 0;
}

}  // namespace comet

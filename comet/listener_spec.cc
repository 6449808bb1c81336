#include "comet/listener_spec.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "comet/overloaded.h"
#include "reactor/unix_socket.h"

namespace comet {
namespace {

using reactor::Error;
using reactor::Result;

constexpr std::string_view kUnixPrefix = "unix:";
constexpr std::string_view kProxy = "proxy";
constexpr std::string_view kModePrefix = "mode=";

Result<ListenAddress> parse_address(std::string_view text) {
  if (!text.starts_with(kUnixPrefix)) {
    auto endpoint = reactor::Endpoint::parse(text);
    if (!endpoint) return Error{endpoint.error()};
    return ListenAddress{*endpoint};
  }
  const std::string_view path = text.substr(kUnixPrefix.size());
  if (const auto complaint = reactor::unix_path_complaint(path)) {
    return Error{fmt::format("\"{}\": {}, like unix:/run/comet/admin.sock", text, *complaint)};
  }
  return ListenAddress{UnixAddress{std::string(path)}};
}

// Three octal digits, or four that begin with 0: what chmod(1) takes for permissions alone.
std::optional<std::uint32_t> parse_mode(std::string_view text) {
  if (text.size() == 4 && text.front() == '0') text.remove_prefix(1);
  std::uint32_t mode = 0;
  const char* end = text.data() + text.size();
  const auto [parsed_to, error] = std::from_chars(text.data(), end, mode, 8);
  if (text.size() != 3 || error != std::errc{} || parsed_to != end) return std::nullopt;
  return mode;
}

// What is wrong with the option, if anything is.
std::optional<std::string> apply_option(std::string_view option, ListenerSpec& spec) {
  if (option == kProxy) {
    spec.proxy = true;
    return std::nullopt;
  }
  if (!option.starts_with(kModePrefix)) {
    return fmt::format("\"{}\" is not an option; there are proxy and mode=0660", option);
  }
  if (!std::holds_alternative<UnixAddress>(spec.address)) return "only a Unix socket has a mode";
  const auto mode = parse_mode(option.substr(kModePrefix.size()));
  if (!mode) return fmt::format("\"{}\" is not a mode; write it like mode=0660", option);
  spec.mode = *mode;
  return std::nullopt;
}

bool is_every_address(const reactor::IpAddress& address) {
  return address.bytes == reactor::IpAddress{}.bytes;
}

}  // namespace

std::string to_string(const ListenAddress& address) {
  return std::visit(
      Overloaded{
          [](const reactor::Endpoint& endpoint) { return endpoint.to_string(); },
          [](const UnixAddress& unix_address) { return std::string("unix:") + unix_address.path; },
      },
      address);
}

Result<ListenerSpec> ListenerSpec::parse(std::string_view text) {
  const std::string_view whole = text;
  const auto next_word = [&text] {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    return word;
  };
  auto address = parse_address(next_word());
  if (!address) return Error{address.error()};
  ListenerSpec spec{std::move(*address)};
  while (!text.empty()) {
    const std::string_view option = next_word();
    if (option.empty()) continue;  // spaces in a row
    if (const auto complaint = apply_option(option, spec)) {
      return Error{fmt::format("\"{}\": {}", whole, *complaint)};
    }
  }
  return spec;
}

// Every address includes the others of its family; [::] is bound for IPv6 alone (IPV6_V6ONLY).
bool ListenerSpec::collides_with(const ListenerSpec& other) const {
  const auto* mine = std::get_if<reactor::Endpoint>(&address);
  const auto* theirs = std::get_if<reactor::Endpoint>(&other.address);
  if (mine == nullptr || theirs == nullptr) return address == other.address;
  if (mine->port == 0 || mine->port != theirs->port) return false;
  if (mine->address.is_v4 != theirs->address.is_v4) return false;
  return mine->address == theirs->address || is_every_address(mine->address) ||
         is_every_address(theirs->address);
}

}  // namespace comet

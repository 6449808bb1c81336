#include "comet/trusted_proxies.h"

#include <algorithm>

namespace comet {
namespace {

constexpr std::string_view kUnix = "unix";

}  // namespace

std::optional<std::string> TrustedProxies::complaint(std::string_view entry) {
  if (entry == kUnix) return std::nullopt;
  const auto network = Network::parse(entry);
  if (network) return std::nullopt;
  return network.error();
}

reactor::Result<TrustedProxies> TrustedProxies::make(std::span<const std::string> entries) {
  TrustedProxies proxies;
  for (const std::string& entry : entries) {
    if (entry == kUnix) {
      proxies.unix_ = true;
      continue;
    }
    auto network = Network::parse(entry);
    if (!network) return reactor::Error{network.error()};
    proxies.networks_.push_back(*network);
  }
  return proxies;
}

bool TrustedProxies::trusts(const reactor::IpAddress& peer) const {
  return std::ranges::any_of(networks_,
                             [&](const Network& network) { return network.contains(peer); });
}

}  // namespace comet

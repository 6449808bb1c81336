#include "comet/access.h"

#include <algorithm>
#include <utility>

namespace comet {
namespace {

bool means_all(std::string_view entry) { return entry == "all" || entry == "*"; }

}  // namespace

std::optional<std::string> AccessList::complaint(std::string_view entry) {
  if (means_all(entry)) return std::nullopt;
  const auto network = Network::parse(entry);
  if (network) return std::nullopt;
  return network.error();
}

reactor::Result<AccessList::Rules> AccessList::parse_rules(std::span<const std::string> entries) {
  Rules rules;
  for (const std::string& entry : entries) {
    if (means_all(entry)) {
      rules.all = true;
      continue;
    }
    auto network = Network::parse(entry);
    if (!network) return reactor::Error{network.error()};
    rules.networks.push_back(*network);
  }
  return rules;
}

reactor::Result<AccessList> AccessList::make(std::span<const std::string> allow,
                                             std::span<const std::string> deny) {
  auto allowed = parse_rules(allow);
  if (!allowed) return reactor::Error{allowed.error()};
  auto denied = parse_rules(deny);
  if (!denied) return reactor::Error{denied.error()};
  AccessList list;
  list.allow_ = std::move(*allowed);
  list.deny_ = std::move(*denied);
  return list;
}

bool AccessList::Rules::names(const reactor::IpAddress& address) const {
  return std::ranges::any_of(networks,
                             [&](const Network& network) { return network.contains(address); });
}

bool AccessList::permits(const reactor::IpAddress& address) const {
  if (allow_.empty() && deny_.empty()) return true;
  if (allow_.names(address)) return true;
  if (deny_.names(address)) return false;
  if (deny_.all) return false;
  return allow_.all;
}

}  // namespace comet

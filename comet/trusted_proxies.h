// Whose word is taken about who a client is: the setting trusted_proxies.
//
// Built once from the configuration and immutable from then on, so every core may ask it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "comet/network.h"
#include "reactor/endpoint.h"
#include "reactor/result.h"

namespace comet {

class TrustedProxies {
 public:
  // Entries are networks as comet/network.h has them, and "unix": whoever comes over a Unix socket.
  static reactor::Result<TrustedProxies> make(std::span<const std::string> entries);

  // What is wrong with an entry, if anything is.
  static std::optional<std::string> complaint(std::string_view entry);

  [[nodiscard]] bool empty() const { return networks_.empty() && !unix_; }
  [[nodiscard]] bool trusts(const reactor::IpAddress& peer) const;
  [[nodiscard]] bool trusts_unix() const { return unix_; }

 private:
  TrustedProxies() = default;

  std::vector<Network> networks_;
  bool unix_ = false;
};

}  // namespace comet

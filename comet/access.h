// Which addresses may use a port: the admin port's allow and deny lists.
//
// Built once from the configuration and immutable from then on, so every core may ask it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "reactor/endpoint.h"
#include "reactor/result.h"

namespace comet {

class AccessList {
 public:
  // Entries are addresses ("10.1.2.3", "::1"), networks ("10.0.0.0/8", "fd00::/8"), prefixes of an
  // IPv4 address by whole numbers ("192.168"), and "all" or "*".
  static reactor::Result<AccessList> make(std::span<const std::string> allow,
                                          std::span<const std::string> deny);

  // A specific allow wins, then a specific deny, then deny all, then allow all. With both lists
  // empty everyone may; otherwise who is not named may not.
  [[nodiscard]] bool permits(const reactor::IpAddress& address) const;

 private:
  struct Network {
    reactor::IpAddress address;
    unsigned prefix_bits = 0;

    [[nodiscard]] bool contains(const reactor::IpAddress& other) const;
  };
  struct Rules {
    std::vector<Network> networks;
    bool all = false;

    [[nodiscard]] bool empty() const { return networks.empty() && !all; }
    [[nodiscard]] bool names(const reactor::IpAddress& address) const;
  };

  AccessList() = default;
  static reactor::Result<Network> parse_network(std::string_view entry);
  static reactor::Result<Rules> parse_rules(std::span<const std::string> entries);

  Rules allow_;
  Rules deny_;
};

}  // namespace comet

// Which addresses may use a port: the admin port's allow and deny lists.
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

class AccessList {
 public:
  // Entries are networks as comet/network.h has them, and "all" or "*".
  static reactor::Result<AccessList> make(std::span<const std::string> allow,
                                          std::span<const std::string> deny);

  // What is wrong with an entry, if anything is.
  static std::optional<std::string> complaint(std::string_view entry);

  // A specific allow wins, then a specific deny, then deny all, then allow all. With both lists
  // empty everyone may; otherwise who is not named may not.
  [[nodiscard]] bool permits(const reactor::IpAddress& address) const;

  // Whether somebody may whose address could not be told: only where no address is kept out.
  [[nodiscard]] bool permits_unknown() const {
    return deny_.empty() && (allow_.empty() || allow_.all);
  }

 private:
  struct Rules {
    std::vector<Network> networks;
    bool all = false;

    [[nodiscard]] bool empty() const { return networks.empty() && !all; }
    [[nodiscard]] bool names(const reactor::IpAddress& address) const;
  };

  AccessList() = default;
  static reactor::Result<Rules> parse_rules(std::span<const std::string> entries);

  Rules allow_;
  Rules deny_;
};

}  // namespace comet

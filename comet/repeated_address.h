// Whether a configuration listens on one address twice.
//
// A pure function over entries that are right each by itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "comet/config.h"

namespace comet {

struct RepeatedAddress {
  std::string_view earlier_key;  // where it stands first
  std::string_view key;          // and again; perhaps the same
  std::string sentence;          // that names both, and the addresses
};

std::optional<RepeatedAddress> find_repeated_address(const Config& config);

}  // namespace comet

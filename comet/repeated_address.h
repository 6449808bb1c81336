// Whether a configuration listens on one address twice.
//
// A pure function over entries that are right each by itself.
#pragma once

#include <optional>
#include <string>

#include "comet/config.h"

namespace comet {

// A sentence that names the keys and the address, if there is one.
std::optional<std::string> find_repeated_address(const Config& config);

}  // namespace comet

// The process's limit of open descriptors, which bounds its connections.
#pragma once

#include <cstddef>

#include "reactor/result.h"

namespace reactor {

// Raises RLIMIT_NOFILE's soft limit to the hard one (getrlimit(2)) and returns it.
Result<std::size_t> raise_descriptor_limit();

// The soft limit as it is.
std::size_t descriptor_limit();

}  // namespace reactor

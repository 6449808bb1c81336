// The process that this is.
#pragma once

#include <cstdint>

namespace reactor {

// getpid(2).
std::int64_t process_id();

}  // namespace reactor

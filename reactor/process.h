// The process that this is.
#pragma once

#include <cstdint>

namespace reactor {

// getpid(2).
std::int64_t process_id();

// Descriptors of the process that belong to no reactor: the standard three, the log, the pidfile.
inline constexpr std::uint64_t kProcessDescriptors = 5;

}  // namespace reactor

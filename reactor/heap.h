// How the process takes memory from the kernel.
#pragma once

#include <cstddef>

namespace reactor {

// A block of this size or more is a mapping of its own.
inline constexpr std::size_t kLargeBlockBytes = 256 * 1024;

// Memory of a large block goes back to the kernel when it is freed. By itself glibc raises that
// bound to the largest block that was ever freed, 32 MiB at most (mallopt(3), M_MMAP_THRESHOLD): a
// few long answers then lie between small records of long life, and what they leave is never given
// back. Call once, before other threads start.
void keep_large_blocks_apart();

}  // namespace reactor

// Random bytes from the kernel, for tokens and hash seeds.
#pragma once

#include <cstdint>
#include <span>

namespace reactor {

// Fills `out` from getrandom(2), which blocks only until the pool was seeded once at boot.
void fill_random(std::span<std::uint8_t> out);

}  // namespace reactor

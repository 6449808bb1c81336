// Sessions that stand for the simulation's own questions; its commands count from zero.
#pragma once

#include <cstdint>

namespace simulation {

inline constexpr std::uint32_t kInspectId = 0xffffffff;
inline constexpr std::uint32_t kBroadcastId = 0xfffffffe;

}  // namespace simulation

// The names of channels in a simulation, as they stand in JSON: plain ones, and those that must be
// escaped.
#pragma once

#include <array>
#include <string>

namespace simulation {

inline const std::array<std::string, 6> kNames{"a", "b\\u0001", "c</script>", "d", "e", "f"};

// What the server is told.
inline std::string raw_name(const std::string& name) {
  return name == kNames[1] ? std::string("b\x01") : name;
}

}  // namespace simulation

// What a start does with the state it finds.
#pragma once

#include <cstdint>

namespace comet {

enum class StateUse : std::uint8_t {
  kRestore,
  kPutAside,  // --ignore-state: begin without it, and keep it under another name
};

}  // namespace comet

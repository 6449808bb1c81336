// A slab's object by index and generation: finds nothing once the object is gone.
#pragma once

#include <cstdint>

namespace comet {

struct Ref {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;
  friend bool operator==(const Ref&, const Ref&) = default;
};

}  // namespace comet

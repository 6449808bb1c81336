// How fast connections may be taken from the kernel's queues: a token bucket for all cores.
//
// Shared by all cores, any of which may call it. It is kept as one number, the time at which the
// connections taken so far would have been due at an even pace (the generic cell rate algorithm,
// ITU-T I.371). The bucket holds a tenth of a second's connections, one at least; who finds it
// empty leaves the rest in the queue and comes back when a hundredth of a second's are there.
#pragma once

#include <atomic>
#include <cstdint>

namespace comet {

class AcceptRate {
 public:
  // When the next connection may be taken; now or earlier means at once. 0 per second: no limit.
  [[nodiscard]] std::uint64_t next_us(std::uint64_t now_us, std::uint32_t per_second) const;
  // One was taken. Several cores may take one each for the last token; the pace holds all the same.
  void took(std::uint64_t now_us, std::uint32_t per_second);

 private:
  alignas(64) std::atomic<std::uint64_t> due_ns_{0};
};

}  // namespace comet

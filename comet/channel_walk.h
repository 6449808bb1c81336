// Takes records of a home's channels in steps, so that a core with any number of channels and
// messages can save them between its turns.
//
// Owned by who saves; runs on the home's core, or while that does not run. A step looks at a
// bounded number of channels and messages, and copies references, not contents. What happens
// between steps is fine: each record is as its channel was when the record was completed. A channel
// that was closed and made again meanwhile may come twice; the later record is the right one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "comet/channel_record.h"
#include "comet/home.h"
#include "reactor/clock.h"

namespace comet {

class ChannelWalk {
 public:
  // What a step may cost: looks at channels and messages, and the contents kept alive by it.
  struct Budget {
    std::size_t looks;
    std::uint64_t bytes;
  };

  explicit ChannelWalk(const Home& home) : home_(home) {}

  // Appends to `records`. True when every channel has been seen.
  bool step(const reactor::Now& now, Budget budget, std::vector<ChannelRecord>& records);

 private:
  void begin(const Channel& channel);
  // True when everything was copied.
  bool copy(const Channel& channel, Budget& budget);
  bool copy_run(const History& run, Budget& budget);
  void complete(const Channel& channel, const reactor::Now& now);

  const Home& home_;
  std::uint32_t slot_ = 0;
  std::uint32_t generation_ = 0;  // of the channel whose record has been begun
  std::uint64_t copied_ = 0;      // its messages below this number are in the record
  std::optional<ChannelRecord> record_;
};

}  // namespace comet

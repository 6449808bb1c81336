// What a sweep sends: consecutive messages rendered for one framing, joined, ready for one send().
//
// Owned by Audiences. Rendering is done once for all seats that stand at the same place of the same
// audience; of each framing, the run made last is kept, and lengthened when more messages came.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "comet/audience.h"
#include "comet/hub_message.h"
#include "comet/transport.h"

namespace comet {

struct Run {
  std::uint64_t to = 0;  // one past the last message in it
  std::string bytes;
  std::vector<std::uint32_t> ends;  // of each message's bytes
};

class RunCache {
 public:
  // Messages are joined up to this many bytes; a longer one stands alone.
  static constexpr std::size_t kRunBytesMax = 256 * 1024;

  // HOT. The audience's messages from number `from`, which its window holds, as far as they fit.
  // Valid until the next call.
  const Run& run(Ref ref, const Audience& audience, Framing framing, std::uint64_t from);

 private:
  // An audience can outlive its channel, and the next of that name begins at 1 again: the epoch
  // tells their messages apart.
  struct Entry {
    Ref audience;
    std::uint32_t epoch = 0;
    std::uint64_t from = 0;
    bool full = false;  // cut at kRunBytesMax, not at the window's end
    std::string name;   // of the audience, escaped
    Run run;
  };

  static void restart(Entry& entry, Ref ref, const Audience& audience, Framing framing,
                      std::uint64_t from);

  std::array<Entry, kFramings> entries_;
};

}  // namespace comet

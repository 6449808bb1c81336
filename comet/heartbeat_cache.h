// A heartbeat, rendered once for all who are to get the same.
//
// Owned by Audiences. Subscribers who came together are due together, and mostly count from the
// same number, so the frame made last serves the next as well.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "comet/hub_message.h"
#include "comet/transport.h"

namespace comet {

class HeartbeatCache {
 public:
  // HOT. The noop of that number for an endless response that has got every message below `next`.
  // `cname` is the name of the audience, which keeps it as long as it lives. Valid until the next
  // call.
  std::string_view frame(Ref audience, std::string_view cname, Framing framing, std::int64_t noop,
                         std::uint64_t next) {
    if (audience_ != audience || framing_ != framing || noop_ != noop || next_ != next ||
        frame_.empty()) {
      render(audience, cname, framing, noop, next);
    }
    return frame_;
  }

 private:
  void render(Ref audience, std::string_view cname, Framing framing, std::int64_t noop,
              std::uint64_t next);

  Ref audience_;
  Framing framing_{Transport::kStream, true};
  std::int64_t noop_ = 0;
  std::uint64_t next_ = 0;
  std::string frame_;  // empty: none was made yet
};

}  // namespace comet

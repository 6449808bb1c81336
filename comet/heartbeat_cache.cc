#include "comet/heartbeat_cache.h"

namespace comet {

void HeartbeatCache::render(Ref audience, std::string_view cname, Framing framing,
                            std::int64_t noop, std::uint64_t next) {
  audience_ = audience;
  framing_ = framing;
  noop_ = noop;
  next_ = next;
  frame_.clear();
  append_control(frame_, framing, escaped_name(framing.transport, cname), kNoopType, noop, {},
                 next - 1);
}

}  // namespace comet

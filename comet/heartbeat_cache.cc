#include "comet/heartbeat_cache.h"

namespace comet {

void HeartbeatCache::render(Ref audience, std::string_view cname, Framing framing,
                            std::int64_t noop) {
  audience_ = audience;
  framing_ = framing;
  noop_ = noop;
  frame_.clear();
  append_control(frame_, framing, escaped_name(framing.transport, cname), kNoopType, noop, {});
}

}  // namespace comet

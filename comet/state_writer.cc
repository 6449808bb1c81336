#include "comet/state_writer.h"

#include <utility>

namespace comet {

StateWriter::StateWriter(StateStore& store, StateExchange& exchange, StateStatus& status,
                         std::uint32_t interval_s, std::vector<reactor::Waker*> cores)
    : loop_(*this, {}),
      now_(reactor::Now::read()),
      scribe_(store, exchange, status, interval_s, std::move(cores), now_) {
  exchange.writer = &loop_.waker();
}

void StateWriter::stop() {
  if (!thread_.joinable()) return;
  loop_.stop();
  thread_.join();
  scribe_.abandon();
}

bool StateWriter::end_turn(std::uint64_t /*heard_until_us*/) {
  scribe_.turn(now_);
  return false;
}

}  // namespace comet

#include "reactor/loop.h"

#include <fcntl.h>

#include <algorithm>
#include <limits>

namespace reactor {
namespace {

Fd open_reserve() { return Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

Loop::Loop(Handler& handler, std::vector<Fd> listeners)
    : handler_(handler), listeners_(std::move(listeners)), reserve_(open_reserve()) {
  poller_.watch_level(waker_.fd(), {kWakerIndex, 0});
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    poller_.watch_level(listeners_[i], {kFirstListenerIndex + static_cast<std::uint32_t>(i), 0});
  }
}

void Loop::run() {
  // With work in hand from the start, the first turn does not sleep and the clock is read first.
  bool more = true;
  while (!stopping_.load(std::memory_order_relaxed)) {
    const int timeout_ms = sleep_ms(more);
    const std::span<const Event> events = poller_.wait(timeout_ms);
    waker_.wake_up();
    handler_.begin_turn(Now::read());
    for (const Event& event : events) {
      if (event.token.index == kWakerIndex) {
        waker_.drain();
      } else if (event.token.index >= kFirstListenerIndex) {
        accept_from(event.token.index - kFirstListenerIndex);
      } else {
        handler_.happened(event);
      }
    }
    more = handler_.end_turn();
  }
}

void Loop::stop() {
  stopping_.store(true, std::memory_order_relaxed);
  waker_.signal();
}

int Loop::sleep_ms(bool more) {
  if (more) return 0;
  const std::optional<std::uint64_t> deadline = handler_.next_deadline_ms();
  waker_.fall_asleep();
  if (handler_.has_mail()) return 0;
  if (!deadline) return -1;
  const std::uint64_t now = Now::read().monotonic_ms;
  if (*deadline <= now) return 0;
  constexpr std::uint64_t kLongest = std::numeric_limits<int>::max();
  return static_cast<int>(std::min(*deadline - now, kLongest));
}

void Loop::accept_from(std::size_t listener) {
  for (int i = 0; i < kAcceptsPerTurnMax; ++i) {
    Accepted accepted = accept_one(listeners_[listener]);
    switch (accepted.status) {
      case Accepted::Status::kOk:
        handler_.accepted(listener, std::move(accepted.fd), accepted.peer);
        break;
      case Accepted::Status::kNothing:
        return;
      case Accepted::Status::kNoDescriptors:
        refuse_one(listeners_[listener]);
        return;
    }
  }
}

// Out of descriptors, a level-triggered listener would be reported for ever. The connection is
// taken with the descriptor held back for this, and closed: the client knows at once.
void Loop::refuse_one(const Fd& listener) {
  reserve_.reset();
  accept_one(listener);
  reserve_ = open_reserve();
}

}  // namespace reactor

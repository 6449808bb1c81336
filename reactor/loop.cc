#include "reactor/loop.h"

#include <fcntl.h>

#include <algorithm>
#include <iterator>
#include <limits>

#include "reactor/check.h"

namespace reactor {
namespace {

Fd open_reserve() { return Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

Loop::Loop(Handler& handler, std::vector<Fd> listeners, std::vector<Fd> shared)
    : handler_(handler),
      listeners_(std::move(listeners)),
      own_listeners_(listeners_.size()),
      reserve_(open_reserve()) {
  std::ranges::move(shared, std::back_inserter(listeners_));
  poller_.watch_level(waker_.fd(), {kWakerIndex, 0});
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (is_shared(i)) {
      CHECK(poller_.watch_shared(listeners_[i], token_of(i)));
    } else {
      poller_.watch_level(listeners_[i], token_of(i));
    }
  }
}

void Loop::run() {
  // With work in hand from the start, the first turn does not sleep and the clock is read first.
  bool more = true;
  std::uint64_t ended_us = 0;
  while (!stopping_.load(std::memory_order_relaxed)) {
    const std::span<const Event> events = poller_.wait(sleep_us(more, ended_us));
    waker_.wake_up();
    pulse_.beat();
    const Now now = Now::read();
    now_us_ = now.monotonic_us;
    handler_.begin_turn(now);
    if (accepting_again_us_ && *accepting_again_us_ <= now_us_) resume_accepting();
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
    ended_us = Now::read_monotonic_us();
    turns_.record(ended_us - now_us_);
    handler_.turn_ended(ended_us);
  }
}

void Loop::stop() {
  stopping_.store(true, std::memory_order_relaxed);
  waker_.signal();
}

std::int64_t Loop::sleep_us(bool more, std::uint64_t now_us) {
  if (more) return 0;
  std::optional<std::uint64_t> deadline = handler_.next_deadline_us();
  if (accepting_again_us_) {
    deadline = std::min(deadline.value_or(*accepting_again_us_), *accepting_again_us_);
  }
  waker_.fall_asleep();
  if (handler_.has_mail()) return 0;
  if (!deadline) return Poller::kForEver;
  if (*deadline <= now_us) return 0;
  constexpr std::uint64_t kLongest = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(*deadline - now_us, kLongest));
}

// The kernel resets whoever is in the queue of a listener that closes.
void Loop::close_listener(std::size_t listener) {
  for (int i = 0; i < kLastAcceptsMax; ++i) {
    Accepted accepted = accept_one(listeners_[listener]);
    if (accepted.status != Accepted::Status::kOk) break;
    handler_.accepted(listener, std::move(accepted.fd), accepted.peer);
  }
  listeners_[listener].reset();
}

void Loop::accept_from(std::size_t listener) {
  if (!listeners_[listener]) return;  // closed when the turn began
  if (is_shared(listener)) queue_again(listener);
  const int budget = is_shared(listener) ? kSharedAcceptsPerTurnMax : kAcceptsPerTurnMax;
  for (int i = 0; i < budget; ++i) {
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
// taken with the descriptor held back for this, and closed: the client knows at once. Another
// core may snatch the descriptor meanwhile; then the listeners rest for a moment instead.
void Loop::refuse_one(const Fd& listener) {
  reserve_.reset();
  const Accepted::Status status = accept_one(listener).status;
  reserve_ = open_reserve();
  if (status == Accepted::Status::kNoDescriptors || !reserve_) pause_accepting();
}

void Loop::pause_accepting() {
  if (!accepting_again_us_) {
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
      if (!listeners_[i]) continue;
      if (is_shared(i)) {
        poller_.unwatch(listeners_[i]);
      } else {
        poller_.pause(listeners_[i], token_of(i));
      }
    }
  }
  accepting_again_us_ = now_us_ + kAcceptPauseUs;
}

void Loop::resume_accepting() {
  accepting_again_us_.reset();
  if (!reserve_) reserve_ = open_reserve();
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (!listeners_[i]) continue;
    if (is_shared(i)) {
      queue_again(i);
    } else {
      poller_.resume(listeners_[i], token_of(i));
    }
  }
}

// The kernel wakes the first sleeper of a queue that nobody leaves by being woken: without this,
// one core would get all connections of a calm hour. (EPOLL_CTL_MOD is not to be had with
// EPOLLEXCLUSIVE, epoll_ctl(2).)
void Loop::queue_again(std::size_t listener) {
  poller_.unwatch(listeners_[listener]);
  if (!poller_.watch_shared(listeners_[listener], token_of(listener))) pause_accepting();
}

}  // namespace reactor

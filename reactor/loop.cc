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
  rests_until_us_.resize(listeners_.size());
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
  std::uint64_t ended_us = Now::read_monotonic_us();
  while (!stopping_.load(std::memory_order_relaxed)) {
    const std::int64_t longest_us = sleep_us(more, ended_us);
    const std::span<const Event> events = poller_.wait(longest_us);
    waker_.wake_up();
    pulse_.beat();
    const Now now = Now::read();
    now_us_ = now.monotonic_us;
    hear_until(events, longest_us, ended_us);
    handler_.begin_turn(now);
    if (next_rest_end_us_ && *next_rest_end_us_ <= now_us_) end_rests();
    for (const Event& event : events) {
      if (event.token.index == kWakerIndex) {
        waker_.drain();
      } else if (event.token.index >= kFirstListenerIndex) {
        accept_from(event.token.index - kFirstListenerIndex);
      } else {
        handler_.happened(event);
      }
    }
    more = handler_.end_turn(heard_until_us_);
    ended_us = Now::read_monotonic_us();
    turns_.record(ended_us - now_us_);
    handler_.turn_ended(ended_us);
  }
}

// What had happened when the kernel was asked is in the events, unless they are as many as it gives
// at once. It looks once more when the time is up (epoll_wait(2)).
void Loop::hear_until(std::span<const Event> events, std::int64_t longest_us,
                      std::uint64_t asked_us) {
  const bool timed_out = events.empty() && longest_us > 0;
  if (timed_out) {
    heard_until_us_ = std::min(now_us_, asked_us + static_cast<std::uint64_t>(longest_us));
  } else if (events.size() < static_cast<std::size_t>(Poller::kEventsMax)) {
    heard_until_us_ = asked_us;
  } else if (asked_us > kUnheardUsMax) {
    heard_until_us_ = std::max(heard_until_us_, asked_us - kUnheardUsMax);
  }
}

void Loop::stop() {
  stopping_.store(true, std::memory_order_relaxed);
  waker_.signal();
}

std::int64_t Loop::sleep_us(bool more, std::uint64_t now_us) {
  if (more) return 0;
  std::optional<std::uint64_t> deadline = handler_.next_deadline_us();
  if (next_rest_end_us_) {
    deadline = std::min(deadline.value_or(*next_rest_end_us_), *next_rest_end_us_);
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
  // Closing would not do it while another loop has a descriptor of the same listener (epoll(7)).
  poller_.unwatch(listeners_[listener]);
  listeners_[listener].reset();
  rests_until_us_[listener].reset();
}

void Loop::accept_from(std::size_t listener) {
  // Reported before it was closed, or began its rest, in this turn.
  if (!listeners_[listener] || rests_until_us_[listener]) return;
  if (is_shared(listener)) queue_again(listener);
  const int budget = is_shared(listener) ? kSharedAcceptsPerTurnMax : kAcceptsPerTurnMax;
  for (int i = 0; i < budget; ++i) {
    if (const std::uint64_t next_us = handler_.next_accept_us(listener); next_us > now_us_) {
      rest(listener, next_us);
      return;
    }
    Accepted accepted = accept_one(listeners_[listener]);
    switch (accepted.status) {
      case Accepted::Status::kOk:
        handler_.accepted(listener, std::move(accepted.fd), accepted.peer);
        break;
      case Accepted::Status::kNothing:
        return;
      case Accepted::Status::kNoDescriptors:
        take_last(listener);
        return;
    }
  }
}

// Out of descriptors, a level-triggered listener would be reported for ever. The connection is
// taken with the descriptor held back for this, and its client knows at once. Another core may
// snatch the descriptor meanwhile; then the listeners rest for a moment instead.
void Loop::take_last(std::size_t listener) {
  if (!reserve_) reserve_ = open_reserve();
  const bool had_one = static_cast<bool>(reserve_);
  reserve_.reset();
  Accepted accepted = accept_one(listeners_[listener]);
  if (accepted.status == Accepted::Status::kOk) {
    handler_.accepted_last(listener, std::move(accepted.fd), accepted.peer);
  }
  reserve_ = open_reserve();
  if (!had_one || !reserve_ || accepted.status == Accepted::Status::kNoDescriptors) rest_all();
}

void Loop::rest(std::size_t listener, std::uint64_t until_us) {
  if (!rests_until_us_[listener]) {
    if (is_shared(listener)) {
      poller_.unwatch(listeners_[listener]);
    } else {
      poller_.pause(listeners_[listener], token_of(listener));
    }
  }
  rests_until_us_[listener] = until_us;
  next_rest_end_us_ = std::min(next_rest_end_us_.value_or(until_us), until_us);
}

void Loop::rest_all() {
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (listeners_[i]) rest(i, now_us_ + kRestUs);
  }
}

void Loop::end_rests() {
  next_rest_end_us_.reset();
  if (!reserve_) reserve_ = open_reserve();
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (!rests_until_us_[i]) continue;
    const std::uint64_t until_us = *rests_until_us_[i];
    if (until_us > now_us_) {
      next_rest_end_us_ = std::min(next_rest_end_us_.value_or(until_us), until_us);
      continue;
    }
    rests_until_us_[i].reset();
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
  if (!poller_.watch_shared(listeners_[listener], token_of(listener))) {
    rest(listener, now_us_ + kRestUs);
  }
}

}  // namespace reactor

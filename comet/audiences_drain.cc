// The part of Audiences that sends everybody away when the server drains.
#include <algorithm>

#include "comet/audiences.h"

namespace comet {
namespace {

using reactor::kNoIndex;

// Nobody minds a hundred clients a second who come back elsewhere: a core with few subscribers is
// empty long before the time is over.
constexpr std::uint64_t kUsPerSubscriberMax = 10'000;

// Places looked at in one turn. Most may be empty, and an empty one costs a cache miss at most.
constexpr std::size_t kPlacesPerTurn = 4096;

// A walk that has nothing due sleeps that long: those whose time comes meanwhile go together.
constexpr std::uint64_t kStepUs = 1000;

// After which an EventSource comes back, instead of its browser's default.
constexpr std::uint32_t kRetryMsMin = 1000;
constexpr std::uint32_t kRetryMsMax = 5000;

}  // namespace

void Audiences::begin_drain(std::uint64_t duration_us, std::uint64_t seed) {
  const std::uint64_t pace_us = (listening_.total() + bundles_.size()) * kUsPerSubscriberMax;
  drain_.emplace(subscribers_.index_end(), now_us_, std::min(duration_us, pace_us), seed);
}

bool Audiences::drain(std::size_t budget) {
  if (nobody_listens()) return false;
  for (std::size_t i = 0; i < kPlacesPerTurn && budget > 0; ++i) {
    const std::optional<std::uint32_t> place = drain_->next(now_us_);
    if (!place) return false;
    if (subscribers_.is_live(*place) && dismiss(*place)) --budget;
  }
  return !drain_->is_over();
}

std::optional<std::uint64_t> Audiences::next_dismissal_us() const {
  if (drain_->is_over() || nobody_listens()) return std::nullopt;
  return now_us_ + kStepUs;
}

// True if that took a system call. Who is not let in yet is dismissed when it is; observers and
// /psub are the admin port's, and stay.
bool Audiences::dismiss(std::uint32_t index) {
  const Subscriber& subscriber = subscribers_[index];
  if (subscriber.role == Role::kLead) return dismiss_bundle(index);
  if (subscriber.role == Role::kMember) return false;  // goes with its lead
  Audience& audience = audiences_[subscriber.audience];
  const bool stays = audience.for_presence || is_observer(subscriber.framing.transport);
  if (subscriber.seat == kNoIndex || stays) return false;
  const Seat& before = audience.seats[subscriber.seat];
  if (before.state == SeatState::kLive && audience.cursor(before) != audience.window.next() &&
      advance(subscriber.audience, subscriber.seat, 0) == Progress::kGone) {
    return true;
  }
  // What its socket could not take yet, and what its home still has for it, comes first.
  Seat& seat = audience.seats[subscriber.seat];
  if (seat.state != SeatState::kLive) {
    seat.leaving = true;
    return true;
  }
  say_goodbye(index);
  return true;
}

// A poll is answered as after an idle time. An endless response ends as it does when a server dies,
// without its last chunk: that is what clients come back from.
void Audiences::say_goodbye(std::uint32_t index) {
  const Subscriber& subscriber = subscribers_[index];
  count(index, CloseReason::kDraining);
  if (subscriber.is_poll()) {
    end_with(index, kNoopType, subscriber.noop);
    return;
  }
  scratch_.clear();
  append_farewell(scratch_, subscriber.framing);
  finish(index, scratch_.empty() ? Written::kAll : wire_.write(subscriber.session, scratch_));
}

void Audiences::append_farewell(std::string& out, Framing framing) {
  if (framing.transport == Transport::kWebSocket) append_going_away(out);
  append_retry(out, framing, drain_->jitter(kRetryMsMin, kRetryMsMax));
}

}  // namespace comet

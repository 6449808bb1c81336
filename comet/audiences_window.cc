// The part of Audiences that keeps a window within its bound: who stands at its end, and is lapped.
#include <algorithm>
#include <limits>

#include "comet/audiences.h"

namespace comet {

// An audience can outlive its channel, and the next of that name begins at 1 again: nothing that
// was rendered may be taken for the new channel's.
void Audiences::restart_window(Audience& audience, std::uint64_t next) {
  change_window(audience, [next](History& window) { window.restart(next); });
  audience.delivered_low = static_cast<std::uint32_t>(next);
  ++audience.epoch;
}

bool Audiences::is_overfull(const Audience& audience, unsigned times) const {
  return audience.window.size() / times >= settings_.backlog_messages_max ||
         audience.window.bytes() / times >= window_bytes_max_;
}

// Nobody needs what lies before the oldest message at which somebody is blocked.
void Audiences::trim_window(Audience& audience) {
  if (audience.blocked == 0) {
    clear_window(audience);
    return;
  }
  const auto end = static_cast<std::uint32_t>(audience.window.next());
  std::uint32_t behind = 0;
  for (const Seat& seat : audience.seats) {
    if (seat.state == SeatState::kBlocked) behind = std::max(behind, end - seat.cursor_low);
  }
  audience.oldest_blocked_low = end - behind;
  change_window(audience, [behind](History& window) {
    while (window.size() > behind) window.drop_oldest();
  });
}

// Whoever is blocked had the chance to take what passes have brought, and is lapped. The others are
// still to be served, by a pass that is under way or due: until it is over the home takes no more,
// and the window grows by what was on its way here.
void Audiences::make_room(std::uint32_t index) {
  Audience& audience = audiences_[index];
  if (audience.behind && !is_overfull(audience, kWindowsMax)) return;
  std::size_t few = kSliceSeats;
  if (shrink_window(index, few) && !is_overfull(audience)) return;
  if (!audience.behind && !audience.for_presence) {
    audience.behind = true;
    audience.rests_until_us = now_us_;
    sweep_queue_.hurry(audience_ref(index));
    tell_pace(index);
    return;
  }
  std::size_t everyone = std::numeric_limits<std::size_t>::max();
  while (sweep_pass(index, everyone) != Pass::kComplete) {
  }
  shrink_window(index, everyone);
}

// After a pass. False if the budget does not suffice to let go of those who are lapped.
bool Audiences::catch_up(std::uint32_t index, std::size_t& budget) {
  if (!shrink_window(index, budget)) return false;
  Audience& audience = audiences_[index];
  if (is_overfull(audience)) return true;  // a pass over what came meanwhile follows
  audience.behind = false;
  tell_pace(index);
  return true;
}

void Audiences::tell_pace(std::uint32_t index) {
  const Audience& audience = audiences_[index];
  outbox_.send(home_core(audience.name.hash, settings_.cores),
               Behind{audience.channel, audience_ref(index), audience.behind});
}

// Until one more message has room, at the cost of those who are blocked alone. False if the budget
// does not suffice to let go of them.
bool Audiences::shrink_window(std::uint32_t index, std::size_t& budget) {
  Audience& audience = audiences_[index];
  const History& window = audience.window;
  while (window.begin() < audience.number(audience.delivered_low) && is_overfull(audience)) {
    const auto end = static_cast<std::uint32_t>(window.next());
    if (audience.blocked > 0 && end - audience.oldest_blocked_low >= window.size()) {
      if (!release_oldest(index, budget)) return false;  // else it may have emptied the window
    } else {
      change_window(audience, [](History& oldest) { oldest.drop_oldest(); });
    }
  }
  return true;
}

// Lets go of those who stand at the oldest message of the window, so that it can be dropped. False
// if the budget did not suffice for all of them.
bool Audiences::release_oldest(std::uint32_t index, std::size_t& budget) {
  Audience& audience = audiences_[index];
  const auto end = static_cast<std::uint32_t>(audience.window.next());
  const std::uint32_t all = audience.window.size();
  const bool home_may_have_it =
      settings_.slow_subscriber == SlowSubscriber::kSkip && !audience.for_presence;
  std::uint32_t oldest = end;
  for (std::uint32_t i = 0; i < audience.seats.size();) {
    const Seat& seat = audience.seats[i];
    const std::uint32_t behind = end - seat.cursor_low;
    if (seat.state != SeatState::kBlocked) {
      ++i;
    } else if (behind < all) {
      if (behind > end - oldest) oldest = seat.cursor_low;
      ++i;
    } else if (budget == 0) {
      return false;
    } else {
      const std::uint64_t bytes_before = swept_bytes_;
      if (!home_may_have_it) {
        drop(seat.subscriber, CloseReason::kLagging);  // and another seat fills its place
      } else if (fall_back_to_home(index, i)) {
        ++i;
      }
      take_from(budget, bytes_before);
    }
  }
  audience.oldest_blocked_low = oldest;
  return true;
}

}  // namespace comet

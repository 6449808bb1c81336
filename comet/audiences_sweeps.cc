// The half of Audiences that runs per message: passes over seats, and the window they read.
#include <algorithm>
#include <limits>

#include "comet/audiences.h"

namespace comet {
namespace {

using reactor::kNoIndex;

// Seats of one audience served before another's turn comes.
constexpr std::size_t kSliceSeats = 64;
// Passes that would come closer to each other than this follow at once: to sleep and wake up costs
// more than one of them.
constexpr std::uint64_t kShortestPeriodUs = 64;

}  // namespace

void Audiences::mark_dirty(std::uint32_t index) {
  Audience& audience = audiences_[index];
  if (audience.dirty) return;
  audience.dirty = true;
  sweep_queue_.push(audience_ref(index), audience.rests_until_us, now_us_);
}

std::optional<std::uint64_t> Audiences::next_deadline_us() const {
  std::optional<std::uint64_t> next;
  if (const auto due_ms = heartbeats_.next_due_ms(now_ms_)) next = *due_ms * 1000;
  if (const auto rested_us = sweep_queue_.next_us()) {
    next = std::min(next.value_or(*rested_us), *rested_us);
  }
  if (is_draining()) {
    if (const auto due_us = next_dismissal_us()) next = std::min(next.value_or(*due_us), *due_us);
  }
  return next;
}

bool Audiences::sweep(std::size_t budget) {
  sweep_queue_.wake(now_us_);
  while (budget > 0) {
    const std::optional<Ref> ref = sweep_queue_.pop();
    if (!ref) return false;
    Audience* audience = audiences_.find(ref->index, ref->generation);
    if (audience == nullptr) continue;
    std::size_t slice = std::min(budget, kSliceSeats);
    const std::size_t before = slice;
    const Pass pass = sweep_pass(ref->index, slice);
    budget -= before - slice;
    switch (pass) {
      case Pass::kComplete:
        audience->dirty = false;
        break;
      case Pass::kCut:
        sweep_queue_.push(*ref, now_us_, now_us_);
        break;
      case Pass::kOvertaken:
        sweep_queue_.push(*ref, audience->rests_until_us, now_us_);
        break;
    }
  }
  return sweep_queue_.has_ready();
}

void Audiences::begin_pass(Audience& audience) {
  audience.pass_end_low = static_cast<std::uint32_t>(audience.window.next());
  const std::uint64_t period_us = std::min<std::uint64_t>(
      audience.seats.size() * settings_.coalesce_us_per_seat, settings_.coalesce_us);
  if (period_us >= kShortestPeriodUs) audience.rests_until_us = now_us_ + period_us;
}

// Goes on with the audience's pass over its seats. Messages that come while a pass is under way
// leave with it for the seats not yet reached; the others get them in the next pass.
Audiences::Pass Audiences::sweep_pass(std::uint32_t index, std::size_t& budget) {
  Audience& audience = audiences_[index];
  if (audience.sweep_seat == 0) begin_pass(audience);
  const std::size_t budget_before = budget;
  const auto served = [&] { return static_cast<std::uint32_t>(budget_before - budget); };
  while (audience.sweep_seat < audience.seats.size()) {
    const Seat& seat = audience.seats[audience.sweep_seat];
    if (seat.state != SeatState::kLive || audience.cursor(seat) == audience.window.next()) {
      ++audience.sweep_seat;
      continue;
    }
    if (budget == 0) {
      audience.pass_served += served();
      return Pass::kCut;
    }
    --budget;
    if (advance(index, audience.sweep_seat, 0) != Progress::kGone) ++audience.sweep_seat;
  }
  audience.sweep_seat = 0;
  audience.pass_served += served();
  count_pass(index);
  if (audience.number(audience.pass_end_low) != audience.window.next()) return Pass::kOvertaken;
  // Whoever is not blocked is up to date; if that is everybody, nothing needs to be kept.
  if (audience.blocked == 0) clear_window(audience);
  return Pass::kComplete;
}

// The end of a pass: what it brought, and to how many.
void Audiences::count_pass(std::uint32_t index) {
  Audience& audience = audiences_[index];
  const std::uint64_t end = audience.number(audience.pass_end_low);
  if (index != presence_) {
    std::uint64_t seq = std::max(audience.number(audience.delivered_low), audience.window.begin());
    for (; seq < end; ++seq) lag_.delivered(*audience.window.at(seq));
    if (audience.pass_served > 0) sweep_subscribers_.record(audience.pass_served);
  }
  audience.delivered_low = audience.pass_end_low;
  audience.pass_served = 0;
}

// HOT. Brings one seat as far as its socket takes.
Audiences::Progress Audiences::advance(std::uint32_t index, std::uint32_t seat_index,
                                       std::uint32_t frame_offset) {
  Audience& audience = audiences_[index];
  if (audience.seats[seat_index].framing.transport == Transport::kPoll) {
    const Seat seat = audience.seats[seat_index];
    const Subscriber& subscriber = subscribers_[seat.subscriber];
    const std::uint64_t cursor = audience.cursor(seat);
    counters_.deliveries += audience.window.next() - cursor;
    end_poll(seat.subscriber,
             poll_answers_.answer(audience_ref(index), audience, wrap_of(subscriber), cursor,
                                  keeps_alive(subscriber), heads_));
    return Progress::kGone;
  }

  for (;;) {
    Seat& seat = audience.seats[seat_index];
    const std::uint64_t cursor = audience.cursor(seat);
    if (cursor == audience.window.next()) return Progress::kCurrent;
    const Run& run = runs_.run(audience_ref(index), audience, seat.framing, cursor);
    const std::string_view bytes = std::string_view(run.bytes).substr(frame_offset);
    const Sent sent = wire_.send(seat.session, bytes);
    ++counters_.sends;
    if (sent.status == SendStatus::kClosed) {
      drop(seat.subscriber, CloseReason::kClientLeft);
      return Progress::kGone;
    }
    if (sent.status == SendStatus::kOk && sent.bytes == bytes.size()) {
      counters_.deliveries += run.to - cursor;
      seat.cursor_low = static_cast<std::uint32_t>(run.to);
      frame_offset = 0;
      continue;
    }
    const auto left = static_cast<std::uint32_t>(frame_offset +
                                                 (sent.status == SendStatus::kOk ? sent.bytes : 0));
    const auto whole = static_cast<std::uint32_t>(
        std::upper_bound(run.ends.begin(), run.ends.end(), left) - run.ends.begin());
    counters_.deliveries += whole;
    seat.cursor_low += whole;
    block(audience, seat, whole == 0 ? left : left - run.ends[whole - 1]);
    return Progress::kBlocked;
  }
}

void Audiences::block(Audience& audience, Seat& seat, std::uint32_t frame_offset) {
  seat.state = SeatState::kBlocked;
  subscribers_[seat.subscriber].frame_offset = frame_offset;
  const auto end = static_cast<std::uint32_t>(audience.window.next());
  if (audience.blocked == 0 || end - seat.cursor_low > end - audience.oldest_blocked_low) {
    audience.oldest_blocked_low = seat.cursor_low;
  }
  ++audience.blocked;
  ++lagging_;
}

void Audiences::unblock(Audience& audience, Seat& seat) {
  seat.state = SeatState::kLive;
  --audience.blocked;
  --lagging_;
}

void Audiences::writable(std::uint32_t subscriber_index) {
  const Subscriber& subscriber = subscribers_[subscriber_index];
  if (subscriber.seat == kNoIndex) return;
  const std::uint32_t index = subscriber.audience;
  Audience& audience = audiences_[index];
  Seat& seat = audience.seats[subscriber.seat];
  if (seat.state == SeatState::kReplay) want_more(subscriber_index);
  if (seat.state != SeatState::kBlocked) return;
  unblock(audience, seat);
  const bool leaving = seat.leaving;
  const Progress progress = advance(index, subscriber.seat, subscriber.frame_offset);
  if (progress == Progress::kCurrent && audience.closing) {
    closes_.add(CloseReason::kChannelClosed);
    end_with(subscriber_index, kCloseType, static_cast<std::int64_t>(audience.window.next()));
  } else if (progress == Progress::kCurrent && leaving) {
    say_goodbye(subscriber_index);
  }
  if (audience.blocked == 0 && !audience.dirty) clear_window(audience);
}

// --- The window -------------------------------------------------------------------------------

// An audience can outlive its channel, and the next of that name begins at 1 again: nothing that
// was rendered may be taken for the new channel's.
void Audiences::restart_window(Audience& audience, std::uint64_t next) {
  change_window(audience, [next](History& window) { window.restart(next); });
  audience.delivered_low = static_cast<std::uint32_t>(next);
  ++audience.epoch;
}

bool Audiences::is_overfull(const Audience& audience) const {
  return audience.window.size() >= settings_.backlog_messages_max ||
         audience.window.bytes() >= window_bytes_max_;
}

// Before anybody is called too slow, everybody gets the chance to take what is there.
void Audiences::make_room(std::uint32_t index) {
  std::size_t everyone = std::numeric_limits<std::size_t>::max();
  while (sweep_pass(index, everyone) != Pass::kComplete) {
  }
  Audience& audience = audiences_[index];
  const History& window = audience.window;
  while (window.size() > 0 && is_overfull(audience)) {
    const auto end = static_cast<std::uint32_t>(window.next());
    if (audience.blocked > 0 && end - audience.oldest_blocked_low >= window.size()) {
      release_oldest(index);  // which may have emptied the window
    } else {
      change_window(audience, [](History& oldest) { oldest.drop_oldest(); });
    }
  }
}

// Lets go of those who stand at the oldest message of the window, so that it can be dropped.
void Audiences::release_oldest(std::uint32_t index) {
  Audience& audience = audiences_[index];
  const auto end = static_cast<std::uint32_t>(audience.window.next());
  const std::uint32_t all = audience.window.size();
  const bool home_may_have_it =
      settings_.slow_subscriber == SlowSubscriber::kSkip && index != presence_;
  std::uint32_t oldest = end;
  for (std::uint32_t i = 0; i < audience.seats.size();) {
    const Seat& seat = audience.seats[i];
    const std::uint32_t behind = end - seat.cursor_low;
    if (seat.state != SeatState::kBlocked) {
      ++i;
    } else if (behind < all) {
      if (behind > end - oldest) oldest = seat.cursor_low;
      ++i;
    } else if (!home_may_have_it) {
      drop(seat.subscriber, CloseReason::kLagging);  // and another seat fills its place
    } else if (fall_back_to_home(index, i)) {
      ++i;
    }
  }
  audience.oldest_blocked_low = oldest;
}

}  // namespace comet

// The part of Audiences that runs per message: passes over seats, in slices.
#include <algorithm>

#include "comet/audiences.h"

namespace comet {
namespace {

using reactor::kNoIndex;

// Passes that would come closer to each other than this follow at once: to sleep and wake up costs
// more than one of them.
constexpr std::uint64_t kShortestPeriodUs = 64;
// A send of more than this takes as much of a turn as several.
constexpr std::uint64_t kOrdinaryBytes = 16 * 1024;
// What is made for one subscriber alone is made in such portions, about.
constexpr std::size_t kEventsBytesMax = 64 * 1024;

}  // namespace

// One subscriber was served, since so many bytes had been sent.
void Audiences::take_from(std::size_t& budget, std::uint64_t bytes_before) const {
  const std::uint64_t bytes = swept_bytes_ - bytes_before;
  budget -= std::min<std::uint64_t>(budget, 1 + bytes / kOrdinaryBytes);
}

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
    Pass pass = audience->closing ? closing_pass(ref->index, slice) : sweep_pass(ref->index, slice);
    if (pass != Pass::kCut && audience->behind && !catch_up(ref->index, slice)) pass = Pass::kCut;
    budget -= before - slice;
    if (pass == Pass::kCut) {
      sweep_queue_.push(*ref, now_us_, now_us_);
    } else if (pass == Pass::kOvertaken) {
      sweep_queue_.push(*ref, audience->behind ? now_us_ : audience->rests_until_us, now_us_);
    } else {
      audience->dirty = false;
      trim_window(*audience);
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
  while (audience.sweep_seat < audience.seats.size()) {
    const Seat& seat = audience.seats[audience.sweep_seat];
    if (seat.state != SeatState::kLive || audience.cursor(seat) == audience.window.next()) {
      ++audience.sweep_seat;
      continue;
    }
    if (budget == 0) return Pass::kCut;
    ++audience.pass_served;
    const std::uint64_t bytes_before = swept_bytes_;
    if (advance(index, audience.sweep_seat, 0) != Progress::kGone) ++audience.sweep_seat;
    take_from(budget, bytes_before);
  }
  audience.sweep_seat = 0;
  count_pass(audience);
  const bool overtaken = audience.number(audience.delivered_low) != audience.window.next();
  return overtaken ? Pass::kOvertaken : Pass::kComplete;
}

// The last pass: whoever is up to date by it, or still fetches history, is told that the channel
// was closed. Those who are blocked stay, and get to it by resume().
Audiences::Pass Audiences::closing_pass(std::uint32_t index, std::size_t& budget) {
  Audience& audience = audiences_[index];
  const std::uint64_t next = audience.window.next();
  while (audience.sweep_seat < audience.seats.size()) {
    const Seat& seat = audience.seats[audience.sweep_seat];
    if (seat.state == SeatState::kBlocked) {
      ++audience.sweep_seat;
      continue;
    }
    if (budget == 0) return Pass::kCut;
    const std::uint32_t subscriber = seat.subscriber;
    const std::uint64_t bytes_before = swept_bytes_;
    Progress progress = Progress::kCurrent;
    if (seat.state == SeatState::kLive && audience.cursor(seat) != next) {
      ++audience.pass_served;
      progress = advance(index, audience.sweep_seat, 0);
    }
    if (progress == Progress::kBlocked) ++audience.sweep_seat;
    // And another seat fills its place.
    if (progress == Progress::kCurrent) tell_closed(subscriber, next);
    take_from(budget, bytes_before);
  }
  audience.sweep_seat = 0;
  count_pass(audience);
  return Pass::kComplete;
}

void Audiences::tell_closed(std::uint32_t subscriber, std::uint64_t next) {
  count(subscriber, CloseReason::kChannelClosed);
  end_with(subscriber, kCloseType, static_cast<std::int64_t>(next));
}

// The end of a pass: what it brought, and to how many.
void Audiences::count_pass(Audience& audience) {
  const std::uint64_t end = audience.number(audience.pass_end_low);
  if (!audience.for_presence) {
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
  if (audience.seats[seat_index].apart) return advance_apart(index, seat_index);
  return advance_by_runs(audience, seat_index, frame_offset,
                         [&](const Seat& seat, std::uint64_t from) -> const Run& {
                           return runs_.run(audience_ref(index), audience, seat.framing, from);
                         });
}

template <class RunFrom>
Audiences::Progress Audiences::advance_by_runs(Audience& audience, std::uint32_t seat_index,
                                               std::uint32_t frame_offset, RunFrom&& run_from) {
  for (;;) {
    Seat& seat = audience.seats[seat_index];
    const std::uint64_t cursor = audience.cursor(seat);
    if (cursor == audience.window.next()) return Progress::kCurrent;
    const Run& run = run_from(seat, cursor);
    const std::string_view bytes = std::string_view(run.bytes).substr(frame_offset);
    const Sent sent = wire_.send(seat.session, bytes);
    ++counters_.sends;
    swept_bytes_ += sent.bytes;
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
    frame_offset = whole == 0 ? left : left - run.ends[whole - 1];
    if (subscribers_[seat.subscriber].role == Role::kMember) {
      bundle_of(seat.subscriber).full = true;
      if (frame_offset > 0) {
        const std::string_view rest =
            std::string_view(run.bytes).substr(left, run.ends[whole] - left);
        const Progress finished = finish_frame(seat, rest);
        if (finished == Progress::kGone) return finished;
        frame_offset = 0;
        if (finished == Progress::kCurrent) continue;
      }
    }
    block(audience, seat, frame_offset);
    return Progress::kBlocked;
  }
}

// /sse with several channels: each event's id has the positions of all of them, and so no run is
// shared with other subscribers.
Audiences::Progress Audiences::advance_events(std::uint32_t index, std::uint32_t seat_index) {
  Audience& audience = audiences_[index];
  const Seat& first = audience.seats[seat_index];
  const OtherPositions others = others_of(first.subscriber);
  const std::string name = escaped_name(first.framing.transport, audience.name.text);
  return advance_by_runs(
      audience, seat_index, 0, [&](const Seat& seat, std::uint64_t from) -> const Run& {
        make_empty(events_.bytes);
        events_.ends.clear();
        for (events_.to = from; events_.to < audience.window.next(); ++events_.to) {
          if (events_.bytes.size() >= kEventsBytesMax) break;
          append_message(events_.bytes, seat.framing, name, events_.to,
                         *audience.window.at(events_.to), others);
          events_.ends.push_back(static_cast<std::uint32_t>(events_.bytes.size()));
        }
        return events_;
      });
}

// What a member has begun is finished before another's frame can follow: the connection keeps it.
// kCurrent: all of it has left.
Audiences::Progress Audiences::finish_frame(Seat& seat, std::string_view rest) {
  ++counters_.sends;
  const Written written = wire_.write(seat.session, rest);
  if (written == Written::kGone) {
    drop(seat.subscriber, CloseReason::kClientLeft);
    return Progress::kGone;
  }
  ++counters_.deliveries;
  ++seat.cursor_low;
  return written == Written::kKept ? Progress::kBlocked : Progress::kCurrent;
}

Audiences::Progress Audiences::advance_apart(std::uint32_t index, std::uint32_t seat_index) {
  const Audience& audience = audiences_[index];
  const Seat seat = audience.seats[seat_index];
  const Subscriber& subscriber = subscribers_[seat.subscriber];
  if (subscriber.role == Role::kMember) {
    return subscriber.is_poll() ? advance_member_poll(seat.subscriber)
                                : advance_events(index, seat_index);
  }
  const std::uint64_t cursor = audience.cursor(seat);
  counters_.deliveries += audience.window.next() - cursor;
  end_poll(seat.subscriber, poll_answers_.answer(audience_ref(index), audience, wrap_of(subscriber),
                                                 cursor, keeps_alive(subscriber),
                                                 header_lines_.of(seat.subscriber), heads_));
  return Progress::kGone;
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

void Audiences::writable(std::uint32_t index) {
  const Subscriber& subscriber = subscribers_[index];
  if (subscriber.role == Role::kLead) {
    serve(index);
    return;
  }
  if (subscriber.seat == kNoIndex) return;
  const Seat& seat = audiences_[subscriber.audience].seats[subscriber.seat];
  if (seat.state == SeatState::kReplay) want_more(index);
  if (seat.state == SeatState::kBlocked) resume(index);
}

void Audiences::resume(std::uint32_t subscriber_index) {
  const Subscriber& subscriber = subscribers_[subscriber_index];
  const std::uint32_t index = subscriber.audience;
  Audience& audience = audiences_[index];
  Seat& seat = audience.seats[subscriber.seat];
  unblock(audience, seat);
  const bool leaving = seat.leaving;
  const Progress progress = advance(index, subscriber.seat, subscriber.frame_offset);
  if (progress == Progress::kCurrent && audience.closing) {
    tell_closed(subscriber_index, audience.window.next());
  } else if (progress == Progress::kCurrent && leaving) {
    say_goodbye(subscriber_index);
  }
  if (audience.blocked == 0 && !audience.dirty) clear_window(audience);
}

}  // namespace comet

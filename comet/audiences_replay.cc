// The half of Audiences that serves history: newcomers, and those who fell out of the window.
//
// History stays at the home, and a subscriber fetches it part by part, the next when the last has
// left. So one who does not read costs one part at most, however much it has missed.
#include <algorithm>

#include "comet/audiences.h"
#include "comet/salvage_rendering.h"
#include "reactor/check.h"

namespace comet {
namespace {

// As much as a new socket takes at once, about; a hundred messages of the usual size.
constexpr std::uint64_t kPartBytesMax = 32 * 1024;
// A poll is answered once, with all that waits; where that is more than this, it asks again.
constexpr std::uint64_t kPollBytesMax = 1024 * 1024;

}  // namespace

std::uint64_t Audiences::replay_bytes_max(const Subscriber& subscriber) {
  return subscriber.is_poll() ? kPollBytesMax : kPartBytesMax;
}

void Audiences::greet(std::uint32_t index, const Joined& reply) {
  const Subscriber& subscriber = subscribers_[index];
  const Audience& audience = audiences_[subscriber.audience];
  DCHECK(audience.window.next() == reply.replay.next);
  seat(index, reply.replay.next);
  if (subscriber.is_poll()) {
    greet_poll(index, reply);
    return;
  }
  const Framing framing = subscriber.framing;
  scratch_.clear();
  append_endless_head(scratch_, index);
  if (reply.tell_next) {
    append_next(scratch_, framing, escaped_name(framing.transport, audience.name.text),
                kNextSeqType, reply.replay.next);
  }
  // Whole, though it may be longer than a part: it is rare, and goes with the next messages.
  if (reply.salvage) {
    append_salvage(scratch_, framing, escaped_name(framing.transport, audience.name.text),
                   *reply.salvage, reply.replay.messages.begin());
    counters_.deliveries += reply.salvage->messages();
  }
  if (!send_replay(index, reply.replay)) return;
  if (subscribers_[index].half_closed) {
    drop(index, CloseReason::kClientLeft);
  } else if (is_draining()) {
    dismiss(index);
  }
}

void Audiences::greet_poll(std::uint32_t index, const Joined& reply) {
  const Subscriber& subscriber = subscribers_[index];
  const History& messages = reply.replay.messages;
  const bool waits = !reply.tell_next && !reply.salvage && messages.size() == 0;
  if (waits) {
    if (subscriber.half_closed) {
      drop(index, CloseReason::kClientLeft);
    } else if (is_draining()) {
      dismiss(index);
    }
    return;
  }
  const std::string name =
      escaped_name(Transport::kPoll, audiences_[subscriber.audience].name.text);
  scratch_.clear();
  if (reply.tell_next) {
    append_poll_control(scratch_, wrap_of(subscriber), name, kNextSeqType,
                        static_cast<std::int64_t>(reply.replay.next), {});
  } else if (reply.salvage) {
    counters_.deliveries +=
        append_poll_salvage(scratch_, wrap_of(subscriber), name, *reply.salvage, messages.begin());
  } else {
    append_poll_messages(scratch_, wrap_of(subscriber), name, messages, messages.begin(),
                         PollForm::kWaiting);
    counters_.deliveries += messages.size();
  }
  answer_poll(index, scratch_);
}

// Sends what stands in scratch_, and the part of the history behind it. False if that was the end.
bool Audiences::send_replay(std::uint32_t index, const Replay& replay) {
  const Subscriber& subscriber = subscribers_[index];
  const Audience& audience = audiences_[subscriber.audience];
  const History& messages = replay.messages;
  if (messages.size() > 0) {
    const std::string name = escaped_name(subscriber.framing.transport, audience.name.text);
    const OtherPositions others = others_of(index);
    for (std::uint64_t seq = messages.begin(); seq < messages.next(); ++seq) {
      append_message(scratch_, subscriber.framing, name, seq, *messages.at(seq), others);
    }
  }
  const bool last = replay.is_last();
  DCHECK(!last || audience.window.next() == replay.next);
  Seat& seat = audiences_[subscriber.audience].seats[subscriber.seat];
  seat.cursor_low = static_cast<std::uint32_t>(messages.next());
  seat.state = last ? SeatState::kLive : SeatState::kReplay;
  if (scratch_.empty()) return true;
  counters_.deliveries += messages.size();
  ++counters_.sends;
  switch (write(index, scratch_)) {
    case Written::kGone:
      drop(index, CloseReason::kClientLeft);
      return false;
    case Written::kAll:
      if (!last) want_more(index);
      break;
    case Written::kKept:  // writable() goes on
      break;
  }
  return true;
}

void Audiences::want_more(std::uint32_t index) {
  Subscriber& subscriber = subscribers_[index];
  if (subscriber.fetching) return;
  if (subscriber.role == Role::kMember) {
    Bundle& bundle = bundle_of(index);
    if (bundle.fetching) return;
    bundle.fetching = true;
  }
  subscriber.fetching = true;
  fetches_.push_back({index, subscribers_.generation(index)});
}

// A home on this core answers at once, and the answer may put the subscriber on the list again: it
// has its next turn when the others have had theirs.
bool Audiences::fetch_some(std::size_t budget) {
  const std::size_t count = std::min(budget, fetches_.size());
  for (std::size_t i = 0; i < count; ++i) {
    const Ref ref = fetches_[i];
    const Subscriber* subscriber = subscribers_.find(ref.index, ref.generation);
    if (subscriber == nullptr) continue;
    const Audience& audience = audiences_[subscriber->audience];
    outbox_.send(home_core(audience.name.hash, settings_.cores),
                 Fetch{audience.channel, ref, audience.cursor(audience.seats[subscriber->seat]),
                       replay_bytes_max(*subscriber)});
  }
  fetches_.erase(fetches_.begin(), fetches_.begin() + static_cast<std::ptrdiff_t>(count));
  return !fetches_.empty();
}

void Audiences::fetched(const Fetched& reply) {
  Subscriber* subscriber = subscribers_.find(reply.subscriber.index, reply.subscriber.generation);
  if (subscriber == nullptr) return;
  subscriber->fetching = false;
  if (subscriber->role == Role::kMember) {
    bundle_of(reply.subscriber.index).fetching = false;
  }
  const Audience& audience = audiences_[subscriber->audience];
  const Seat& seat = audience.seats[subscriber->seat];
  DCHECK(seat.state == SeatState::kReplay);
  const std::uint64_t begin = reply.replay.messages.begin();
  scratch_.clear();
  if (audience.cursor(seat) < begin) {
    if (settings_.slow_subscriber == SlowSubscriber::kClose) {
      drop(reply.subscriber.index, CloseReason::kLagging);
      return;
    }
    ++counters_.gaps;
    append_next(scratch_, seat.framing, escaped_name(seat.framing.transport, audience.name.text),
                kNextSeqType, begin, others_of(reply.subscriber.index));
  }
  const std::uint32_t index = reply.subscriber.index;
  if (!send_replay(index, reply.replay)) return;
  const Subscriber& served = subscribers_[index];
  if (served.role == Role::kMember) {
    settle(served.lead);
    return;
  }
  if (audiences_[served.audience].seats[served.seat].leaving) dismiss(index);
}

// The message that a blocked seat stands at is about to leave the window: perhaps the home still
// has it. What has been begun must be finished, or the rest could not be understood. False if the
// subscriber is gone, and another seat in its place.
bool Audiences::fall_back_to_home(std::uint32_t audience_index, std::uint32_t seat_index) {
  Audience& audience = audiences_[audience_index];
  Seat& seat = audience.seats[seat_index];
  const std::uint32_t index = seat.subscriber;
  const std::uint32_t frame_offset = subscribers_[index].frame_offset;
  unblock(audience, seat);
  seat.state = SeatState::kReplay;
  if (frame_offset == 0) return true;  // writable() goes on
  const std::uint64_t cursor = audience.cursor(seat);
  scratch_.clear();
  append_message(scratch_, seat.framing, escaped_name(seat.framing.transport, audience.name.text),
                 cursor, *audience.window.at(cursor));
  ++seat.cursor_low;
  ++counters_.deliveries;
  const std::string_view rest = std::string_view(scratch_).substr(frame_offset);
  swept_bytes_ += rest.size();
  switch (wire_.write(seat.session, rest)) {
    case Written::kGone:
      drop(index, CloseReason::kClientLeft);
      return false;
    case Written::kAll:
      want_more(index);
      break;
    case Written::kKept:
      break;
  }
  return true;
}

}  // namespace comet

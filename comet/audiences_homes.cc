// The part of Audiences that acts on what homes say, and ends responses with what clients must
// know.
#include <utility>

#include "comet/audiences.h"
#include "comet/refusal.h"
#include "comet/reply.h"
#include "http/chunk.h"
#include "reactor/check.h"

namespace comet {

void Audiences::joined(Joined&& reply) {
  Audience& audience = audiences_[reply.audience.index];
  DCHECK(audiences_.generation(reply.audience.index) == reply.audience.generation);
  --audience.joining;
  const bool admitted = reply.outcome == Outcome::kOk;
  if (admitted) {
    DCHECK(audience.departed == 0 || audience.channel == reply.channel);
    audience.channel = reply.channel;
    // Without seats nothing was delivered here, or it was meant for those who left.
    if (audience.seats.empty()) restart_window(audience, reply.replay.next);
  }

  Subscriber* subscriber = subscribers_.find(reply.subscriber.index, reply.subscriber.generation);
  if (subscriber == nullptr) {
    if (admitted) {
      ++audience.departed;
      if (reply.observes) ++audience.departed_observers;
    }
    mark_for_review(reply.audience.index);
  } else if (subscriber->role == Role::kMember) {
    member_joined(reply.subscriber.index, reply);
  } else if (admitted) {
    greet(reply.subscriber.index, reply);
  } else if (reply.observes) {
    answer_absent(reply.subscriber.index);
  } else {
    refuse(reply.subscriber.index, reply.outcome);
  }
}

void Audiences::append_endless_head(std::string& out, std::uint32_t index) {
  const Subscriber& subscriber = subscribers_[index];
  const std::string_view lines = header_lines_.of(index);
  if (lines.empty()) {
    out.append(heads_.endless(subscriber.framing, keeps_alive(subscriber)));
    return;
  }
  heads_.append_endless(out, subscriber.framing, keeps_alive(subscriber), lines);
  header_lines_.forget(index);
}

void Audiences::refuse(std::uint32_t index, Outcome outcome) {
  Subscriber& subscriber = subscribers_[index];
  const Refusal refusal = refusal_of(outcome);
  count(index, refusal.reason);
  const std::string name =
      escaped_name(subscriber.framing.transport, audiences_[subscriber.audience].name.text);
  scratch_.clear();
  if (subscriber.is_poll()) {
    append_poll_control(scratch_, wrap_of(subscriber), name, refusal.type, 0, refusal.content);
    answer_poll(index, scratch_);
    return;
  }
  append_endless_head(scratch_, index);
  append_control(scratch_, subscriber.framing, name, refusal.type, 0, refusal.content,
                 std::nullopt);
  if (subscriber.framing.chunked) scratch_.append(http::kLastChunk);
  finish(index, wire_.write(subscriber.session, scratch_));
}

// An observer comes through the admin port, where errors are HTTP's.
void Audiences::answer_absent(std::uint32_t index) {
  const Subscriber& subscriber = subscribers_[index];
  http::ResponseHead head;
  head.status = 404;
  head.keep_alive = subscriber.keep_alive && subscriber.framing.chunked;
  head.content_type = kTextPlain;
  head.date = heads_.date();
  scratch_.assign("channel[").append(audiences_[subscriber.audience].name.text);
  scratch_.append("] not connected\n");
  response_.clear();
  http::append_response(response_, head, scratch_);
  finish(index, wire_.write(subscriber.session, response_));
}

void Audiences::deliver(const Deliver& message) {
  Audience* audience = audiences_.find(message.audience.index, message.audience.generation);
  // Nobody left to hear it: the home will learn so from the Leave that is under way.
  if (audience == nullptr || audience->seats.empty()) return;
  DCHECK(message.seq == audience->window.next());
  append(message.audience.index, message.message);
}

void Audiences::presence(const Presence& line) {
  watchers_.for_each_audience(line.events, [&](std::uint32_t audience) {
    if (!audiences_[audience].seats.empty()) append(audience, line.line);
  });
}

void Audiences::cut_presence() {
  watchers_.for_each_audience(PresenceEvents::kChannels, [&](std::uint32_t audience) {
    const auto& seats = audiences_[audience].seats;
    while (!seats.empty()) drop(seats.back().subscriber, CloseReason::kLagging);
  });
  for (const Ref joining : watchers_.take_joining()) {
    if (is_present(joining)) drop(joining.index, CloseReason::kLagging);
  }
}

void Audiences::append(std::uint32_t index, const MessageRef& message) {
  Audience& audience = audiences_[index];
  if (is_overfull(audience)) make_room(index);
  change_window(audience, [&](History& window) { window.append(message); });
  audience.delivered_ms = now_ms_;
  mark_dirty(index);
}

// Its subscribers are told in the sweeps, each when it has got what was there before.
void Audiences::closed(const Closed& notice) {
  const std::uint32_t index = notice.audience.index;
  Audience* audience = audiences_.find(index, notice.audience.generation);
  if (audience == nullptr) return;
  if (!audience->seats.empty()) mark_dirty(detach_seats(index));
  // The home has forgotten the channel, and those who left it with it.
  audience->departed = 0;
  audience->departed_observers = 0;
  mark_for_review(index);
}

// Those of a channel that was closed wait for its end in an audience of their own; the name is free
// for a new channel meanwhile.
std::uint32_t Audiences::detach_seats(std::uint32_t index) {
  const std::uint32_t late_index = emplace(ChannelName(audiences_[index].name));
  Audience& audience = audiences_[index];
  Audience& late = audiences_[late_index];
  late.closing = true;
  late.window = std::exchange(audience.window, History(audience.window.next()));
  late.seats.swap(audience.seats);
  for (const Seat& seat : late.seats) subscribers_[seat.subscriber].audience = late_index;
  late.by_transport = std::exchange(audience.by_transport, {});
  late.blocked = std::exchange(audience.blocked, 0);
  late.oldest_blocked_low = audience.oldest_blocked_low;
  late.delivered_ms = audience.delivered_ms;
  late.delivered_low = audience.delivered_low;
  late.pass_end_low = static_cast<std::uint32_t>(late.window.next());
  late.pass_served = std::exchange(audience.pass_served, 0);
  audience.behind = false;
  audience.sweep_seat = 0;
  ++audience.epoch;
  return late_index;
}

// --- Last words --------------------------------------------------------------------------------

void Audiences::answer_poll(std::uint32_t index, std::string_view body) {
  const Subscriber& subscriber = subscribers_[index];
  response_.clear();
  heads_.append_front_response(response_, wrap_of(subscriber).content_type(),
                               keeps_alive(subscriber), header_lines_.of(index), body);
  end_poll(index, response_);
}

void Audiences::end_poll(std::uint32_t index, std::string_view response) {
  ++counters_.sends;
  swept_bytes_ += response.size();
  finish(index, wire_.write(subscribers_[index].session, response));
}

// One last message, and the response is over, or one of its channels.
void Audiences::end_with(std::uint32_t index, std::string_view type, std::int64_t seq) {
  if (subscribers_[index].role == Role::kMember) {
    end_member(index, type, seq, {});
    return;
  }
  const Subscriber& subscriber = subscribers_[index];
  const std::string name =
      escaped_name(subscriber.framing.transport, audiences_[subscriber.audience].name.text);
  scratch_.clear();
  if (subscriber.is_poll()) {
    append_poll_control(scratch_, wrap_of(subscriber), name, type, seq, {});
    answer_poll(index, scratch_);
    return;
  }
  const auto last_seen = static_cast<std::uint64_t>(seq) - 1;
  append_control(scratch_, subscriber.framing, name, type, seq, {}, last_seen);
  if (subscriber.framing.chunked) scratch_.append(http::kLastChunk);
  finish(index, wire_.write(subscriber.session, scratch_));
}

}  // namespace comet

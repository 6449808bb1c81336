#include "comet/audiences.h"

#include <algorithm>
#include <limits>

#include "comet/reply.h"
#include "http/chunk.h"
#include "reactor/check.h"

namespace comet {
namespace {

using reactor::kNoIndex;

constexpr std::uint64_t kHeartbeatGridMs = 512;

struct Refusal {
  CloseReason reason;
  std::string_view type;
  std::string_view content;
};

Refusal refusal_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kTooManyChannels:
      return {CloseReason::kTooManyChannels, "429", "Too many channels"};
    case Outcome::kTooManySubscribers:
      return {CloseReason::kTooManySubscribers, "429", "Too many subscribers"};
    // What a client does about a token that is none helps here, too: it asks for a new /sign.
    case Outcome::kUnknownChannel:
      return {CloseReason::kUnknownChannel, "401", "Token error"};
    default:
      return {CloseReason::kTokenError, "401", "Token error"};
  }
}

}  // namespace

Audiences::Audiences(const HubSettings& settings, Wire& wire, Outbox& outbox,
                     const reactor::Now& now)
    : settings_(settings),
      wire_(wire),
      outbox_(outbox),
      now_ms_(now.monotonic_ms()),
      now_us_(now.monotonic_us),
      heads_(settings.allow_origin),
      heartbeats_(subscribers_, now.monotonic_ms()),
      window_messages_max_(settings.backlog_messages_max) {
  heads_.begin_turn(now.unix_s);
}

void Audiences::reconfigured() {
  heads_.set_allow_origin(settings_.allow_origin);
  poll_answers_.forget();
  window_messages_max_ = std::max(window_messages_max_, settings_.backlog_messages_max);
}

void Audiences::begin_turn(const reactor::Now& now) {
  now_ms_ = now.monotonic_ms();
  now_us_ = now.monotonic_us;
  if (heads_.begin_turn(now.unix_s)) poll_answers_.forget();
}

// --- Coming and going -------------------------------------------------------------------------

std::uint32_t Audiences::subscribe(std::uint32_t session, SubscribeRequest&& request) {
  const std::size_t home = home_core(request.name.hash, settings_.cores);
  Join join;
  join.name = request.name;
  join.wanted = request.wanted;
  join.token = request.token;
  join.has_token = request.has_token;
  join.observes = is_observer(request.framing.transport);

  const std::uint32_t audience = audience_of(std::move(request.name));
  const std::uint32_t index = subscribers_.emplace(session, audience, request.framing);
  Subscriber& subscriber = subscribers_[index];
  subscriber.noop = request.noop;
  subscriber.keep_alive = request.keep_alive;
  if (subscriber.is_poll()) subscriber.poll = polls_.emplace(std::move(request.poll));
  join.replay_bytes_max = replay_bytes_max(subscriber);
  ++audiences_[audience].joining;

  join.audience = audience_ref(audience);
  join.subscriber = {index, subscribers_.generation(index)};
  const Ref self = join.subscriber;
  outbox_.send(home, std::move(join));
  // A home on this core has answered by now, and the answer may have been the end.
  return is_present(self) ? index : kNoIndex;
}

std::uint32_t Audiences::audience_of(ChannelName&& name) {
  std::uint32_t index = names_.find(name);
  if (index == kNoIndex) {
    index = emplace(std::move(name));
    names_.insert(index);
    return index;
  }
  // The home must hear of those who left before it hears of who comes: limits are exact.
  tell_departed(index);
  return index;
}

void Audiences::tell_departed(std::uint32_t index) {
  Audience& audience = audiences_[index];
  if (audience.departed == 0) return;
  const std::uint32_t departed = std::exchange(audience.departed, 0);
  const std::uint32_t observers = std::exchange(audience.departed_observers, 0);
  outbox_.send(home_core(audience.name.hash, settings_.cores),
               Leave{audience.channel, audience_ref(index), departed, observers});
}

Ref Audiences::subscribe_presence(std::uint32_t session, Framing framing, bool keep_alive) {
  if (presence_ == kNoIndex) presence_ = emplace(ChannelName{});
  ++presence_subscribers_;
  const std::uint32_t index = subscribers_.emplace(session, presence_, framing);
  subscribers_[index].keep_alive = keep_alive;
  return {index, subscribers_.generation(index)};
}

void Audiences::begin_presence(Ref ref) {
  Subscriber* subscriber = subscribers_.find(ref.index, ref.generation);
  if (subscriber == nullptr) return;
  const std::string_view head = heads_.endless(subscriber->framing, keeps_alive(*subscriber));
  if (wire_.write(subscriber->session, head) == Written::kGone) {
    drop(ref.index, CloseReason::kClientLeft);
    return;
  }
  seat(ref.index, audiences_[presence_].window.next());
  if (subscriber->half_closed) drop(ref.index, CloseReason::kClientLeft);
}

void Audiences::leave(std::uint32_t subscriber) { remove(subscriber); }

void Audiences::half_closed(std::uint32_t subscriber) {
  if (subscribers_[subscriber].seat != kNoIndex) {
    drop(subscriber, CloseReason::kClientLeft);
  } else {
    subscribers_[subscriber].half_closed = true;
  }
}

void Audiences::seat(std::uint32_t index, std::uint64_t cursor) {
  Subscriber& subscriber = subscribers_[index];
  Audience& audience = audiences_[subscriber.audience];
  subscriber.seat = static_cast<std::uint32_t>(audience.seats.size());
  audience.seats.push_back({index, subscriber.session, static_cast<std::uint32_t>(cursor),
                            subscriber.framing, SeatState::kLive});
  if (subscriber.audience == presence_) return;
  if (!is_observer(subscriber.framing.transport)) {
    ++listening_[subscriber.framing.transport];
    ++audience.by_transport[subscriber.framing.transport];
  }
  arm_heartbeat(index, now_ms_ + settings_.polling_timeout_ms);
}

// The last seat fills the gap. During a pass the border between seats that are done and seats that
// are not must stay one: the last of the done fills the gap, and the last of all fills its place.
void Audiences::unseat(std::uint32_t index) {
  Subscriber& subscriber = subscribers_[index];
  Audience& audience = audiences_[subscriber.audience];
  auto& seats = audience.seats;
  std::uint32_t gap = subscriber.seat;
  if (seats[gap].state == SeatState::kBlocked) {
    unblock(audience, seats[gap]);
    if (audience.blocked == 0 && !audience.dirty) clear_window(audience);
  }
  if (gap < audience.sweep_seat) {
    --audience.sweep_seat;
    seats[gap] = seats[audience.sweep_seat];
    subscribers_[seats[gap].subscriber].seat = gap;
    gap = audience.sweep_seat;
  }
  if (gap + 1 != seats.size()) {
    seats[gap] = seats.back();
    subscribers_[seats[gap].subscriber].seat = gap;
  }
  seats.pop_back();
  if (seats.empty()) seats.shrink_to_fit();
  subscriber.seat = kNoIndex;
  if (subscriber.audience == presence_) return;
  const bool observer = is_observer(subscriber.framing.transport);
  if (!observer) {
    --listening_[subscriber.framing.transport];
    --audience.by_transport[subscriber.framing.transport];
  }
  heartbeats_.cancel(index);
  if (audience.closing) return;
  ++audience.departed;
  if (observer) ++audience.departed_observers;
}

void Audiences::remove(std::uint32_t index) {
  const std::uint32_t audience = subscribers_[index].audience;
  if (subscribers_[index].seat != kNoIndex) unseat(index);
  if (audience == presence_) --presence_subscribers_;
  if (subscribers_[index].is_poll()) polls_.erase(subscribers_[index].poll);
  subscribers_.erase(index);
  mark_for_review(audience);
}

void Audiences::end(std::uint32_t index, Ending ending) {
  const std::uint32_t session = subscribers_[index].session;
  remove(index);
  wire_.ended(session, ending);
}

void Audiences::drop(std::uint32_t index, CloseReason reason) {
  closes_.add(reason);
  end(index, Ending::kBroken);
}

// After the last bytes of a response, which the socket took or did not.
void Audiences::finish(std::uint32_t index, Written written) {
  if (written == Written::kGone) {
    drop(index, CloseReason::kClientLeft);
  } else {
    end(index, is_draining() ? Ending::kLast : Ending::kComplete);
  }
}

void Audiences::review() {
  // end() of one may mark another, so by index.
  for (std::size_t i = 0; i < review_.size(); ++i) {
    const Ref ref = review_[i];
    Audience* audience = audiences_.find(ref.index, ref.generation);
    if (audience == nullptr) continue;
    audience->in_review = false;
    if (ref.index == presence_) {
      if (presence_subscribers_ > 0) continue;
      clear_window(*audience);
      for (std::size_t core = 0; core < settings_.cores; ++core) {
        outbox_.send(core, UnwatchPresence{});
      }
      continue;
    }
    tell_departed(ref.index);
    if (audience->seats.empty() && audience->joining == 0) forget(ref.index);
  }
  review_.clear();
}

std::uint32_t Audiences::emplace(ChannelName&& name) {
  const std::uint32_t index = audiences_.emplace(std::move(name));
  name_memory_ += audiences_[index].name.memory();
  return index;
}

void Audiences::forget(std::uint32_t index) {
  const Audience& audience = audiences_[index];
  if (!audience.closing) names_.erase(index);
  name_memory_ -= audience.name.memory();
  window_memory_ -= audience.window.memory();
  audiences_.erase(index);
}

void Audiences::mark_for_review(std::uint32_t index) {
  Audience& audience = audiences_[index];
  if (audience.in_review) return;
  audience.in_review = true;
  review_.push_back(audience_ref(index));
}

// --- What homes say ---------------------------------------------------------------------------

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
  } else if (admitted) {
    greet(reply.subscriber.index, reply);
  } else if (reply.observes) {
    answer_absent(reply.subscriber.index);
  } else {
    refuse(reply.subscriber.index, reply.outcome);
  }
}

void Audiences::refuse(std::uint32_t index, Outcome outcome) {
  Subscriber& subscriber = subscribers_[index];
  const Refusal refusal = refusal_of(outcome);
  closes_.add(refusal.reason);
  const std::string name =
      escaped_name(subscriber.framing.transport, audiences_[subscriber.audience].name.text);
  scratch_.clear();
  if (subscriber.is_poll()) {
    append_poll_control(scratch_, wrap_of(subscriber), name, refusal.type, 0, refusal.content);
    answer_poll(index, scratch_);
    return;
  }
  scratch_.append(heads_.endless(subscriber.framing, keeps_alive(subscriber)));
  append_control(scratch_, subscriber.framing, name, refusal.type, 0, refusal.content);
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

void Audiences::presence(const MessageRef& line) {
  if (presence_ == kNoIndex || audiences_[presence_].seats.empty()) return;
  append(presence_, line);
}

void Audiences::append(std::uint32_t index, const MessageRef& message) {
  Audience& audience = audiences_[index];
  if (is_overfull(audience)) make_room(index);
  change_window(audience, [&](History& window) { window.append(message); });
  audience.delivered_ms = now_ms_;
  mark_dirty(index);
}

void Audiences::closed(const Closed& notice) {
  const std::uint32_t index = notice.audience.index;
  if (audiences_.find(index, notice.audience.generation) == nullptr) return;
  std::size_t everyone = std::numeric_limits<std::size_t>::max();
  while (sweep_pass(index, everyone) != Pass::kComplete) {
  }
  Audience& audience = audiences_[index];
  if (audience.blocked > 0) {
    const std::uint32_t late = detach_blocked(index);
    audiences_[late].window = std::move(audience.window);
    audience.window = History(notice.next);
    ++audience.epoch;
  }
  while (!audience.seats.empty()) {
    closes_.add(CloseReason::kChannelClosed);
    end_with(audience.seats.back().subscriber, kCloseType, static_cast<std::int64_t>(notice.next));
  }
  // The home has forgotten the channel, and those who left it with it.
  audience.departed = 0;
  audience.departed_observers = 0;
  mark_for_review(index);
}

// Blocked seats get the end of a closed channel when they get to it, from an audience of their own;
// the name is free for a new channel meanwhile.
std::uint32_t Audiences::detach_blocked(std::uint32_t index) {
  const std::uint32_t late_index = emplace(ChannelName(audiences_[index].name));
  Audience& audience = audiences_[index];
  Audience& late = audiences_[late_index];
  late.closing = true;
  late.blocked = audience.blocked;
  late.oldest_blocked_low = audience.oldest_blocked_low;
  late.delivered_ms = audience.delivered_ms;
  audience.blocked = 0;
  audience.sweep_seat = 0;
  const auto all = std::move(audience.seats);
  audience.seats.clear();
  for (const Seat& seat : all) {
    const bool blocked = seat.state == SeatState::kBlocked;
    Audience& to = blocked ? late : audience;
    if (blocked && !is_observer(seat.framing.transport)) {
      --audience.by_transport[seat.framing.transport];
      ++late.by_transport[seat.framing.transport];
    }
    Subscriber& subscriber = subscribers_[seat.subscriber];
    subscriber.audience = blocked ? late_index : index;
    subscriber.seat = static_cast<std::uint32_t>(to.seats.size());
    to.seats.push_back(seat);
  }
  return late_index;
}

// --- Ends and heartbeats ----------------------------------------------------------------------

void Audiences::answer_poll(std::uint32_t index, std::string_view body) {
  const Subscriber& subscriber = subscribers_[index];
  response_.clear();
  heads_.append_response(response_, Port::kFront, wrap_of(subscriber).content_type(),
                         keeps_alive(subscriber), body);
  end_poll(index, response_);
}

void Audiences::end_poll(std::uint32_t index, std::string_view response) {
  ++counters_.sends;
  finish(index, wire_.write(subscribers_[index].session, response));
}

// One last message, and the response is over.
void Audiences::end_with(std::uint32_t index, std::string_view type, std::int64_t seq) {
  const Subscriber& subscriber = subscribers_[index];
  const std::string name =
      escaped_name(subscriber.framing.transport, audiences_[subscriber.audience].name.text);
  scratch_.clear();
  if (subscriber.is_poll()) {
    append_poll_control(scratch_, wrap_of(subscriber), name, type, seq, {});
    answer_poll(index, scratch_);
    return;
  }
  append_control(scratch_, subscriber.framing, name, type, seq, {});
  if (subscriber.framing.chunked) scratch_.append(http::kLastChunk);
  finish(index, wire_.write(subscriber.session, scratch_));
}

bool Audiences::beat(std::size_t budget) {
  for (; budget > 0; --budget) {
    const std::uint32_t index = heartbeats_.pop_due(now_ms_);
    if (index == kNoIndex) return false;
    heartbeat(index);
  }
  return true;
}

// Heartbeats may be a second late. Those that fall due within half of one are sent in one go: the
// core wakes up for all of them once, and so does a proxy or a phone that holds many of them.
void Audiences::arm_heartbeat(std::uint32_t index, std::uint64_t due_ms) {
  heartbeats_.arm(index, (due_ms + kHeartbeatGridMs - 1) / kHeartbeatGridMs * kHeartbeatGridMs);
}

// Deliveries do not touch a subscriber's timer. When it fires, the time of the audience's newest
// message says whether the connection was idle; whoever is behind does not need a sign of life.
void Audiences::heartbeat(std::uint32_t index) {
  Subscriber& subscriber = subscribers_[index];
  const Audience& audience = audiences_[subscriber.audience];
  const std::uint64_t idle_until = audience.delivered_ms + settings_.polling_timeout_ms;
  const Seat& seat = audience.seats[subscriber.seat];
  const bool behind =
      seat.state != SeatState::kLive || audience.cursor(seat) != audience.window.next();
  if (behind || idle_until > now_ms_) {
    arm_heartbeat(index, behind ? now_ms_ + settings_.polling_timeout_ms : idle_until);
    return;
  }
  if (subscriber.is_poll()) {
    end_with(index, kNoopType, subscriber.noop);
    return;
  }
  arm_heartbeat(index, now_ms_ + settings_.polling_timeout_ms);
  const std::string_view frame = heartbeat_frames_.frame(
      audience_ref(subscriber.audience), audience.name.text, subscriber.framing, subscriber.noop);
  // A socket that is full anyway needs no sign of life; what is begun must be finished.
  const Sent sent = wire_.send(subscriber.session, frame);
  if (sent.status == SendStatus::kWouldBlock) return;
  // Unsigned: a client may begin at the largest number there is.
  subscriber.noop = static_cast<std::int64_t>(static_cast<std::uint64_t>(subscriber.noop) + 1);
  const bool alive = sent.status == SendStatus::kOk &&
                     wire_.write(subscriber.session, frame.substr(sent.bytes)) != Written::kGone;
  if (!alive) drop(index, CloseReason::kClientLeft);
}

// --- What is asked about this core --------------------------------------------------------------

SubscriberCounts Audiences::subscribers_of(const ChannelName& name) const {
  const std::uint32_t index = names_.find(name);
  return index == kNoIndex ? SubscriberCounts() : audiences_[index].by_transport;
}

void Audiences::add_to(CoreReport& report) const {
  report.subscribers = listening_;
  report.deliveries = counters_;
  report.lagging = lagging_;
  report.delivery_lag_us = lag_.lag_us();
  report.sweep_subscribers = sweep_subscribers_;
  report.closes = closes_;
  report.memory.subscribers += subscribers_.memory() + polls_.memory() +
                               (listening_.total() + presence_subscribers_) * sizeof(Seat);
  report.memory.channels += audiences_.memory() + names_.memory() + name_memory_;
  report.memory.buffers += window_memory_;
}

// --- For tests --------------------------------------------------------------------------------

void Audiences::validate() {
  std::uint64_t lagging = 0;
  std::uint64_t window_memory = 0;
  std::uint64_t name_memory = 0;
  SubscriberCounts seated;
  std::size_t named = 0;
  audiences_.for_each([&](std::uint32_t index, Audience& audience) {
    std::uint32_t blocked = 0;
    SubscriberCounts by_transport;
    for (std::uint32_t i = 0; i < audience.seats.size(); ++i) {
      const Seat& seat = audience.seats[i];
      CHECK(subscribers_.is_live(seat.subscriber));
      const Subscriber& subscriber = subscribers_[seat.subscriber];
      CHECK(subscriber.seat == i && subscriber.audience == index);
      CHECK(seat.state == SeatState::kReplay || audience.cursor(seat) >= audience.window.begin());
      const bool current = audience.cursor(seat) == audience.window.next();
      CHECK(current || seat.state != SeatState::kLive || audience.dirty);
      if (seat.state == SeatState::kBlocked) ++blocked;
      if (index != presence_) {
        const Transport transport = seat.framing.transport;
        if (!is_observer(transport)) ++by_transport[transport];
        CHECK(subscriber.heartbeat.armed());
      }
    }
    CHECK(blocked == audience.blocked);
    CHECK(by_transport == audience.by_transport);
    lagging += blocked;
    seated += by_transport;
    window_memory += audience.window.memory();
    name_memory += audience.name.memory();
    CHECK(audience.sweep_seat <= audience.seats.size());
    CHECK(audience.window.size() <= window_messages_max_);
    if (index != presence_ && !audience.closing) {
      ++named;
      CHECK(names_.find(audience.name) == index);
    }
  });
  CHECK(seated == listening_);
  CHECK(lagging == lagging_);
  CHECK(window_memory == window_memory_);
  CHECK(name_memory == name_memory_);
  CHECK(named == names_.size());
}

}  // namespace comet

#include "comet/audiences.h"

#include <algorithm>

#include "reactor/check.h"

namespace comet {
namespace {

using reactor::kNoIndex;

constexpr std::uint64_t kWindowBytesWhenShort = 16 * 1024;

}  // namespace

Audiences::Audiences(const HubSettings& settings, Wire& wire, Outbox& outbox,
                     const reactor::Now& now)
    : settings_(settings),
      wire_(wire),
      outbox_(outbox),
      now_ms_(now.monotonic_ms()),
      now_us_(now.monotonic_us),
      heads_(settings.origin_headers, settings.sse_retry_ms),
      heartbeats_(subscribers_, now.monotonic_ms()),
      window_bytes_max_(settings.backlog_bytes_max),
      window_messages_max_(settings.backlog_messages_max) {
  heads_.begin_turn(now.unix_s);
}

void Audiences::reconfigured() {
  heads_.reconfigure(settings_.origin_headers, settings_.sse_retry_ms);
  poll_answers_.forget();
  window_bytes_max_ = settings_.backlog_bytes_max;
  window_messages_max_ = std::max(window_messages_max_, settings_.backlog_messages_max);
}

void Audiences::memory_is(MemoryState state) {
  const std::uint64_t wanted = settings_.backlog_bytes_max;
  window_bytes_max_ =
      state == MemoryState::kShort ? std::min(wanted, kWindowBytesWhenShort) : wanted;
}

void Audiences::begin_turn(const reactor::Now& now) {
  now_ms_ = now.monotonic_ms();
  now_us_ = now.monotonic_us;
  if (heads_.begin_turn(now.unix_s)) poll_answers_.forget();
  make_empty(scratch_);
  make_empty(response_);
}

// --- Coming and going -------------------------------------------------------------------------

std::uint32_t Audiences::subscribe(std::uint32_t session, SubscribeRequest&& request) {
  if (request.is_bundle()) return subscribe_bundle(session, std::move(request));
  const std::size_t home = home_core(request.name.hash, settings_.cores);
  HubMessage message(std::in_place_type<Join>);
  Join& join = std::get<Join>(message);
  join.name = request.name;
  join.wanted = request.wanted;
  join.token = request.token;
  join.has_token = request.has_token;
  join.observes = is_observer(request.framing.transport);
  join.returns = request.returns;

  const std::uint32_t audience = audience_of(std::move(request.name));
  const std::uint32_t index = subscribers_.emplace(session, audience, request.framing);
  Subscriber& subscriber = subscribers_[index];
  subscriber.noop = request.noop;
  subscriber.keep_alive = request.keep_alive;
  if (subscriber.is_poll()) {
    subscriber.poll = polls_.emplace(std::move(request.poll));
    poll_memory_ += polls_[subscriber.poll].memory();
  }
  join.replay_bytes_max = replay_bytes_max(subscriber);
  header_lines_.keep(index, std::move(request.header_lines));
  ++audiences_[audience].joining;

  join.audience = audience_ref(audience);
  join.subscriber = {index, subscribers_.generation(index)};
  const Ref self = join.subscriber;
  // Of those who come and go the home must hear, though they do not wait for it to listen.
  if (!join.observes && outbox_.congested(home)) {
    --audiences_[audience].joining;
    refuse(index, Outcome::kOverloaded);
    return kNoIndex;
  }
  outbox_.send(home, std::move(message));
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

std::uint32_t Audiences::presence_audience(PresenceEvents events) {
  if (watchers_.audience(events) == kNoIndex) {
    watchers_.keep_audience(events, emplace(ChannelName{}));
    audiences_[watchers_.audience(events)].for_presence = true;
  }
  return watchers_.audience(events);
}

Ref Audiences::subscribe_presence(std::uint32_t session, PresenceEvents events, Framing framing,
                                  bool keep_alive) {
  const std::uint32_t index = subscribers_.emplace(session, presence_audience(events), framing);
  subscribers_[index].keep_alive = keep_alive;
  const Ref self{index, subscribers_.generation(index)};
  watchers_.came(events, self);
  return self;
}

void Audiences::begin_presence(Ref ref) {
  watchers_.let_in(ref);
  Subscriber* subscriber = subscribers_.find(ref.index, ref.generation);
  if (subscriber == nullptr) return;
  const std::string_view head = heads_.endless(subscriber->framing, keeps_alive(*subscriber));
  if (wire_.write(subscriber->session, head) == Written::kGone) {
    drop(ref.index, CloseReason::kClientLeft);
    return;
  }
  seat(ref.index, audiences_[subscriber->audience].window.next());
  if (subscriber->half_closed) drop(ref.index, CloseReason::kClientLeft);
}

void Audiences::leave(std::uint32_t subscriber) { remove(subscriber); }

void Audiences::half_closed(std::uint32_t subscriber) {
  if (subscribers_[subscriber].role == Role::kLead) {
    half_close_bundle(subscriber);
  } else if (subscribers_[subscriber].seat != kNoIndex) {
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
  audience.seats.back().apart =
      subscriber.is_poll() ||
      (subscriber.role == Role::kMember && subscriber.framing.transport == Transport::kSse);
  if (audience.for_presence) return;
  if (!is_observer(subscriber.framing.transport)) {
    ++listening_[subscriber.framing.transport];
    ++audience.by_transport[subscriber.framing.transport];
  }
  if (subscriber.role == Role::kAlone) arm_heartbeat(index, now_ms_ + settings_.polling_timeout_ms);
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
  if (audience.for_presence) return;
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
  const Subscriber& subscriber = subscribers_[index];
  if (subscriber.role == Role::kLead) {
    remove_bundle(index);
    return;
  }
  if (subscriber.role == Role::kMember) detach(index);
  const std::uint32_t audience = subscriber.audience;
  if (subscriber.seat != kNoIndex) unseat(index);
  if (audiences_[audience].for_presence) watchers_.left(watchers_.events_of(audience));
  if (subscriber.role == Role::kAlone && subscriber.is_poll()) {
    poll_memory_ -= polls_[subscriber.poll].memory();
    polls_.erase(subscriber.poll);
  }
  header_lines_.forget(index);
  subscribers_.erase(index);
  mark_for_review(audience);
}

// A connection's response ends with all its channels.
void Audiences::end(std::uint32_t index, Ending ending) {
  const std::uint32_t session = subscribers_[index].session;
  remove(lead_of(index));
  wire_.ended(session, ending);
}

void Audiences::count(std::uint32_t index, CloseReason reason) {
  const Subscriber& subscriber = subscribers_[index];
  // One channel of several ends without the connection, and a WebSocket's last one does, too.
  const bool goes_on =
      subscriber.role == Role::kMember &&
      (subscriber.framing.transport == Transport::kWebSocket || !bundle_of(index).is_last(index));
  if (goes_on || wire_.count_end(subscriber.session)) closes_.add(reason);
}

void Audiences::drop(std::uint32_t index, CloseReason reason) {
  count(lead_of(index), reason);
  end(index, Ending::kBroken);
}

Written Audiences::write(std::uint32_t index, std::string_view bytes) {
  const Subscriber& subscriber = subscribers_[index];
  const Written written = wire_.write(subscriber.session, bytes);
  if (written == Written::kKept && subscriber.role != Role::kAlone) bundle_of(index).full = true;
  return written;
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
    if (audience->for_presence) {
      review_presence(ref.index);
      continue;
    }
    tell_departed(ref.index);
    if (audience->seats.empty() && audience->joining == 0) forget(ref.index);
  }
  review_.clear();
}

void Audiences::review_presence(std::uint32_t index) {
  const PresenceEvents events = watchers_.events_of(index);
  if (watchers_.are_there(events)) return;
  clear_window(audiences_[index]);
  for (std::size_t core = 0; core < settings_.cores; ++core) {
    outbox_.send(core, UnwatchPresence{events});
  }
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
  report.memory += memory();
}

MemoryUse Audiences::memory() const {
  MemoryUse use;
  use.subscribers = subscribers_.memory() + polls_.memory() + bundles_.memory() +
                    (listening_.total() + watchers_.count()) * sizeof(Seat);
  use.channels = audiences_.memory() + names_.memory() + name_memory_;
  use.buffers = window_memory_ + poll_memory_ + bundles_.held_memory() + header_lines_.memory();
  return use;
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
      CHECK(!audience.behind || audience.dirty);
      const std::uint64_t taken = audience.number(audience.delivered_low);
      CHECK(seat.state != SeatState::kLive || audience.cursor(seat) >= taken);
      if (seat.state == SeatState::kBlocked) {
        ++blocked;
        CHECK(audience.cursor(seat) >= audience.number(audience.oldest_blocked_low));
      }
      if (!audience.for_presence) {
        const Transport transport = seat.framing.transport;
        if (!is_observer(transport)) ++by_transport[transport];
        CHECK(subscriber.heartbeat.armed() == (subscriber.role == Role::kAlone));
      }
    }
    CHECK(blocked == audience.blocked);
    CHECK(blocked > 0 || audience.dirty || audience.window.size() == 0);
    CHECK(by_transport == audience.by_transport);
    lagging += blocked;
    seated += by_transport;
    window_memory += audience.window.memory();
    name_memory += audience.name.memory();
    CHECK(audience.sweep_seat <= audience.seats.size());
    CHECK(audience.window.size() <= kWindowsMax * window_messages_max_);
    if (audience.for_presence) {
      CHECK(watchers_.audience(watchers_.events_of(index)) == index);
    } else if (!audience.closing) {
      ++named;
      CHECK(names_.find(audience.name) == index);
    }
  });
  CHECK(seated == listening_);
  CHECK(lagging == lagging_);
  CHECK(window_memory == window_memory_);
  CHECK(name_memory == name_memory_);
  std::uint64_t poll_memory = 0;
  polls_.for_each([&](std::uint32_t, const PollRequest& poll) { poll_memory += poll.memory(); });
  CHECK(poll_memory == poll_memory_);
  CHECK(named == names_.size());
  validate_bundles();
}

}  // namespace comet

// The part of Audiences for connections with several channels, and for WebSockets.
#include <utility>

#include "comet/audiences.h"
#include "comet/operation_answers.h"
#include "comet/refusal.h"
#include "comet/salvage_rendering.h"
#include "http/chunk.h"
#include "http/websocket_frame.h"
#include "reactor/check.h"

namespace comet {
namespace {

using reactor::kNoIndex;

}  // namespace

// --- Coming and going -------------------------------------------------------------------------

// The head of an endless response goes out at once: what homes say comes as messages.
std::uint32_t Audiences::subscribe_bundle(std::uint32_t session, SubscribeRequest&& request) {
  const std::uint32_t lead = subscribers_.emplace(session, kNoIndex, request.framing);
  const Ref self{lead, subscribers_.generation(lead)};
  Subscriber& record = subscribers_[lead];
  record.role = Role::kLead;
  record.noop = request.noop;
  record.keep_alive = request.keep_alive;
  record.bundle = bundles_.emplace();
  Bundle& bundle = bundles_[record.bundle];
  bundle.poll = std::move(request.poll);
  bundle.told_ms = now_ms_;
  bundle.leaving = is_draining();
  arm_heartbeat(lead, now_ms_ + settings_.polling_timeout_ms);
  if (!request.header_lines.empty()) {
    header_lines_.emplace(lead, std::move(request.header_lines));
  }
  if (!record.is_poll() && record.framing.transport != Transport::kWebSocket) {
    scratch_.clear();
    append_endless_head(scratch_, lead);
    if (write(lead, scratch_) == Written::kGone) {
      drop(lead, CloseReason::kClientLeft);
      return kNoIndex;
    }
  }

  // All of them are there before the first home answers: none must be taken for the last.
  std::vector<Subscription> channels;
  channels.reserve(1 + request.more.size());
  if (request.has_channel()) channels.push_back(static_cast<Subscription&&>(request));
  for (Subscription& channel : request.more) channels.push_back(std::move(channel));
  std::vector<std::uint32_t> members;
  members.reserve(channels.size());
  bundle.members.reserve(channels.size());
  for (Subscription& channel : channels) {
    members.push_back(enlist(lead, channel, Bundle::Origin::kRequest));
  }
  for (std::size_t i = 0; i < channels.size() && is_present(self); ++i) {
    ask_home(members[i], channels[i]);
  }
  if (channels.empty()) settle(lead);
  return is_present(self) ? lead : kNoIndex;
}

// Takes the channel's name; ask_home() must follow.
std::uint32_t Audiences::enlist(std::uint32_t lead, Subscription& channel, Bundle::Origin origin) {
  const std::uint32_t audience = audience_of(std::move(channel.name));
  const Subscriber& connection = subscribers_[lead];
  const std::uint32_t index =
      subscribers_.emplace(connection.session, audience, connection.framing);
  Subscriber& member = subscribers_[index];
  member.role = Role::kMember;
  member.lead = lead;
  Bundle& bundle = bundle_of(lead);
  bundle.members.push_back({index, origin, true, channel.wanted - 1});
  if (member.is_poll()) bundle.held.emplace_back();
  ++bundle.present;
  ++bundle.joining;
  ++members_;
  return index;
}

void Audiences::ask_home(std::uint32_t index, const Subscription& channel) {
  const Subscriber& member = subscribers_[index];
  Audience& audience = audiences_[member.audience];
  ++audience.joining;
  Join join;
  join.audience = audience_ref(member.audience);
  join.subscriber = {index, subscribers_.generation(index)};
  join.name = audience.name;
  join.wanted = channel.wanted;
  join.replay_bytes_max =
      replay_bytes_max(member) / (member.is_poll() ? bundle_of(index).present : 1);
  join.token = channel.token;
  join.has_token = channel.has_token;
  const std::size_t home = home_core(audience.name.hash, settings_.cores);
  outbox_.send(home, std::move(join));
}

// The member's record goes on to be removed; its place stays, where places mean something.
void Audiences::detach(std::uint32_t index) {
  const Subscriber& record = subscribers_[index];
  Bundle& bundle = bundle_of(index);
  const std::size_t place = bundle.place(index);
  Bundle::Member& member = bundle.members[place];
  if (member.joining) --bundle.joining;
  --bundle.present;
  if (bundle.fetching == index) bundle.fetching = kNoIndex;
  if (record.framing.transport == Transport::kWebSocket) {
    bundle.members.erase(bundle.members.begin() + static_cast<std::ptrdiff_t>(place));
    --members_;
    return;
  }
  member.last_seen = last_seen(member);
  member.subscriber = kNoIndex;
  member.joining = false;
}

void Audiences::remove_bundle(std::uint32_t lead) {
  const std::uint32_t bundle = subscribers_[lead].bundle;
  while (bundles_[bundle].present > 0) remove(first_member(bundles_[bundle]));
  members_ -= bundles_[bundle].members.size();
  bundles_.erase(bundle);
  heartbeats_.cancel(lead);
  if (!header_lines_.empty()) header_lines_.erase(lead);
  subscribers_.erase(lead);
}

std::uint32_t Audiences::first_member(const Bundle& bundle) const {
  for (const Bundle::Member& member : bundle.members) {
    if (member.subscriber != kNoIndex) return member.subscriber;
  }
  return kNoIndex;
}

// One that waits is ended; what homes have not answered yet may still be answered at once.
void Audiences::half_close_bundle(std::uint32_t lead) {
  Bundle& bundle = bundle_of(lead);
  if (bundle.joining > 0 && subscribers_[lead].framing.transport != Transport::kWebSocket) {
    bundle.half_closed = true;
  } else {
    drop(lead, CloseReason::kClientLeft);
  }
}

// After anything by which the response may be complete.
void Audiences::settle(std::uint32_t lead) {
  fetch_next(lead);
  const Subscriber& connection = subscribers_[lead];
  const Bundle& bundle = bundle_of(lead);
  if (bundle.joining > 0) return;
  if (bundle.held_objects > 0) {
    answer_bundle_poll(lead);
  } else if (bundle.present == 0 && connection.framing.transport != Transport::kWebSocket) {
    finish(lead, connection.framing.chunked ? write(lead, http::kLastChunk) : Written::kAll);
  } else if (bundle.half_closed) {
    drop(lead, CloseReason::kClientLeft);
  } else if (bundle.leaving) {
    dismiss_bundle(lead);
  }
}

// --- What homes say ---------------------------------------------------------------------------

void Audiences::member_joined(std::uint32_t index, const Joined& reply) {
  const std::uint32_t lead = subscribers_[index].lead;
  Bundle& bundle = bundle_of(lead);
  bundle.member(index).joining = false;
  --bundle.joining;
  if (reply.outcome != Outcome::kOk) {
    refuse_member(index, reply.outcome);
    return;
  }
  seat(index, reply.replay.next);
  if (subscribers_[index].is_poll()) {
    hold_history(index, reply);
  } else if (!greet_member(index, reply)) {
    return;
  }
  settle(lead);
}

// False if that was the connection's end.
bool Audiences::greet_member(std::uint32_t index, const Joined& reply) {
  const Subscriber& member = subscribers_[index];
  const Framing framing = member.framing;
  Audience& audience = audiences_[member.audience];
  Bundle& bundle = bundle_of(index);
  const Replay& replay = reply.replay;
  scratch_.clear();
  if (bundle.member(index).origin == Bundle::Origin::kOperation) {
    const bool salvaged = reply.salvage != nullptr && !reply.salvage->empty();
    append_subscribed(scratch_, audience.name.text,
                      salvaged ? reply.salvage->runs().front().begin() : replay.messages.begin());
  }
  const std::string name = escaped_name(framing.transport, audience.name.text);
  const OtherPositions others = others_of(index);
  if (reply.tell_next) append_next(scratch_, framing, name, kNextSeqType, replay.next, others);
  if (reply.salvage) {
    append_salvage(scratch_, framing, name, *reply.salvage, replay.messages.begin(), others);
    counters_.deliveries += reply.salvage->messages();
  }
  bundle.told_ms = now_ms_;
  if (!bundle.full || replay.messages.size() == 0) return send_replay(index, replay);
  // What the socket cannot take is fetched again when it can.
  Seat& seat = audience.seats[member.seat];
  seat.cursor_low = static_cast<std::uint32_t>(replay.messages.begin());
  seat.state = SeatState::kReplay;
  if (scratch_.empty() || write(index, scratch_) != Written::kGone) return true;
  drop(index, CloseReason::kClientLeft);
  return false;
}

void Audiences::refuse_member(std::uint32_t index, Outcome outcome) {
  const Refusal refusal = refusal_of(outcome);
  closes_.add(refusal.reason);
  if (bundle_of(index).member(index).origin == Bundle::Origin::kRequest) {
    end_member(index, refusal.type, 0, refusal.content);
    return;
  }
  const std::uint32_t lead = subscribers_[index].lead;
  std::string answer;
  append_operation_error(answer, kSubscribeOperation,
                         audiences_[subscribers_[index].audience].name.text, refusal.content);
  remove(index);
  if (answer_operation(lead, answer)) settle(lead);
}

// Something that is no message, about the member's channel. False if that was the connection's end.
bool Audiences::tell(std::uint32_t index, std::string_view type, std::int64_t seq,
                     std::string_view content) {
  const Subscriber& member = subscribers_[index];
  const std::string name =
      escaped_name(member.framing.transport, audiences_[member.audience].name.text);
  if (member.is_poll()) {
    append_poll_object(hold(index, 1), name, type, seq, content);
    return true;
  }
  Bundle& bundle = bundle_of(index);
  bundle.told_ms = now_ms_;
  LastSeen last;
  if (member.seat != kNoIndex) {
    last = static_cast<std::uint64_t>(last_seen(bundle.members[bundle.place(index)]));
  }
  scratch_.clear();
  append_control(scratch_, member.framing, name, type, seq, content, last, others_of(index));
  if (write(index, scratch_) != Written::kGone) return true;
  drop(index, CloseReason::kClientLeft);
  return false;
}

// A channel's last words; the others go on.
void Audiences::end_member(std::uint32_t index, std::string_view type, std::int64_t seq,
                           std::string_view content) {
  const Subscriber& member = subscribers_[index];
  const std::uint32_t lead = member.lead;
  if (type == kCloseType) {  // nothing of it is still to come
    audiences_[member.audience].seats[member.seat].cursor_low = static_cast<std::uint32_t>(seq);
  }
  if (!tell(index, type, seq, content)) return;
  remove(index);
  settle(lead);
}

// --- Operations -------------------------------------------------------------------------------

std::uint32_t Audiences::member_of(std::uint32_t lead, std::string_view cname) const {
  for (const Bundle::Member& member : bundles_[subscribers_[lead].bundle].members) {
    if (member.subscriber == kNoIndex) continue;
    if (audiences_[subscribers_[member.subscriber].audience].name.text == cname) {
      return member.subscriber;
    }
  }
  return kNoIndex;
}

void Audiences::add_channel(std::uint32_t lead, Subscription&& channel) {
  std::string_view wrong;
  const std::size_t channels = bundle_of(lead).members.size();
  if (channels >= settings_.max_channels_per_connection) wrong = "too many channels";
  if (has_channel(lead, channel.name.text)) wrong = "already subscribed";
  if (!wrong.empty()) {
    std::string answer;
    append_operation_error(answer, kSubscribeOperation, channel.name.text, wrong);
    answer_operation(lead, answer);
    return;
  }
  const std::uint32_t member = enlist(lead, channel, Bundle::Origin::kOperation);
  ask_home(member, channel);
}

void Audiences::drop_channel(std::uint32_t lead, std::string_view cname) {
  const std::uint32_t member = member_of(lead, cname);
  std::string answer;
  if (member == kNoIndex) {
    append_operation_error(answer, kUnsubscribeOperation, cname, "not subscribed");
  } else {
    append_unsubscribed(answer, cname);
    remove(member);
  }
  if (answer_operation(lead, answer)) settle(lead);
}

bool Audiences::answer_operation(std::uint32_t lead, std::string_view frame) {
  bundle_of(lead).told_ms = now_ms_;
  if (write(lead, frame) != Written::kGone) return true;
  drop(lead, CloseReason::kClientLeft);
  return false;
}

void Audiences::heard(std::uint32_t lead) { bundle_of(lead).heard = true; }

// --- Sockets that are full --------------------------------------------------------------------

// There is room again. Each time another member is first, so that none waits for ever behind one
// that always fills the socket.
void Audiences::serve(std::uint32_t lead) {
  const Ref self{lead, subscribers_.generation(lead)};
  Bundle& bundle = bundle_of(lead);
  bundle.full = false;
  bundle.heard = true;  // it has read, and may not have come to the last ping before now
  fetch_next(lead);
  const std::size_t count = bundle.members.size();
  std::vector<Ref> blocked;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t index = bundle.members[(bundle.next_to_serve + i) % count].subscriber;
    if (index == kNoIndex || subscribers_[index].seat == kNoIndex) continue;
    const Subscriber& member = subscribers_[index];
    if (audiences_[member.audience].seats[member.seat].state != SeatState::kBlocked) continue;
    blocked.push_back({index, subscribers_.generation(index)});
  }
  ++bundle.next_to_serve;
  for (const Ref member : blocked) {
    if (bundle.full) return;
    if (is_present(member)) resume(member.index);
    if (!is_present(self)) return;
  }
  settle(lead);
}

// One member at a time fetches what it missed, so that a connection which is not read keeps one
// part and not one for each channel.
void Audiences::fetch_next(std::uint32_t lead) {
  Bundle& bundle = bundle_of(lead);
  if (bundle.full || bundle.fetching != kNoIndex || subscribers_[lead].is_poll()) return;
  const std::size_t count = bundle.members.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = (bundle.next_to_fetch + i) % count;
    const std::uint32_t index = bundle.members[place].subscriber;
    if (index == kNoIndex || subscribers_[index].seat == kNoIndex) continue;
    const Subscriber& member = subscribers_[index];
    if (audiences_[member.audience].seats[member.seat].state != SeatState::kReplay) continue;
    bundle.next_to_fetch = static_cast<std::uint32_t>(place + 1);
    want_more(index);
    return;
  }
}

// --- Positions --------------------------------------------------------------------------------

std::int64_t Audiences::last_seen(const Bundle::Member& member) const {
  if (member.subscriber == kNoIndex || member.joining) return member.last_seen;
  const Subscriber& record = subscribers_[member.subscriber];
  if (record.seat == kNoIndex) return member.last_seen;
  const Audience& audience = audiences_[record.audience];
  return static_cast<std::int64_t>(audience.cursor(audience.seats[record.seat])) - 1;
}

OtherPositions Audiences::others_of(std::uint32_t index) {
  const Subscriber& record = subscribers_[index];
  if (record.role != Role::kMember || record.framing.transport != Transport::kSse) return {};
  const Bundle& bundle = bundle_of(index);
  const std::size_t own = bundle.place(index);
  positions_before_.clear();
  positions_after_.clear();
  for (std::size_t place = 0; place < bundle.members.size(); ++place) {
    const std::string position = std::to_string(last_seen(bundle.members[place]));
    if (place < own) positions_before_.append(position).push_back(',');
    if (place > own) positions_after_.append(",").append(position);
  }
  return {positions_before_, positions_after_};
}

// --- Idle and leaving -------------------------------------------------------------------------

bool Audiences::is_up_to_date(std::uint32_t index) const {
  const Subscriber& member = subscribers_[index];
  const Audience& audience = audiences_[member.audience];
  const Seat& seat = audience.seats[member.seat];
  return seat.state == SeatState::kLive && audience.cursor(seat) == audience.window.next();
}

// One for the connection, under the name of the first channel that is still there.
void Audiences::bundle_heartbeat(std::uint32_t lead) {
  Subscriber& connection = subscribers_[lead];
  Bundle& bundle = bundle_of(lead);
  std::uint64_t heard_ms = bundle.told_ms;
  bool behind = bundle.full || bundle.joining > 0;
  for (const Bundle::Member& member : bundle.members) {
    if (member.subscriber == kNoIndex || member.joining) continue;
    heard_ms =
        std::max(heard_ms, audiences_[subscribers_[member.subscriber].audience].delivered_ms);
    behind = behind || !is_up_to_date(member.subscriber);
  }
  const std::uint64_t idle_until = heard_ms + settings_.polling_timeout_ms;
  if (behind || idle_until > now_ms_) {
    arm_heartbeat(lead, behind ? now_ms_ + settings_.polling_timeout_ms : idle_until);
    return;
  }
  const bool websocket = connection.framing.transport == Transport::kWebSocket;
  if (websocket && !std::exchange(bundle.heard, false)) {
    drop(lead, CloseReason::kSilent);
    return;
  }
  arm_heartbeat(lead, now_ms_ + settings_.polling_timeout_ms);
  const std::uint32_t first = first_member(bundle);
  if (first != kNoIndex) {
    const std::int64_t noop = connection.noop;
    // Unsigned: a client may begin at the largest number there is.
    connection.noop = static_cast<std::int64_t>(static_cast<std::uint64_t>(noop) + 1);
    if (!tell(first, kNoopType, noop, {})) return;
  }
  if (websocket) {
    scratch_.clear();
    http::append_frame_head(scratch_, http::Opcode::kPing, 0);
    if (write(lead, scratch_) == Written::kGone) drop(lead, CloseReason::kClientLeft);
  } else {
    settle(lead);  // a poll is answered
  }
}

// True if that took a system call; the response ends as soon as all of it is up to date.
bool Audiences::dismiss_bundle(std::uint32_t lead) {
  const Ref self{lead, subscribers_.generation(lead)};
  Bundle& bundle = bundle_of(lead);
  bundle.leaving = true;
  if (bundle.joining > 0) return true;
  bool behind = false;
  for (std::size_t i = 0; i < bundle.members.size(); ++i) {
    const std::uint32_t index = bundle.members[i].subscriber;
    if (index == kNoIndex) continue;
    const Subscriber& member = subscribers_[index];
    const Seat& seat = audiences_[member.audience].seats[member.seat];
    if (seat.state == SeatState::kLive && !is_up_to_date(index)) {
      advance(member.audience, member.seat, 0);
      if (!is_present(self)) return true;
    }
    behind = behind || !is_up_to_date(index);
  }
  if (!behind) say_goodbye_bundle(lead);
  return true;
}

void Audiences::say_goodbye_bundle(std::uint32_t lead) {
  const Subscriber& connection = subscribers_[lead];
  closes_.add(CloseReason::kDraining);
  if (connection.is_poll()) {
    tell(first_member(bundle_of(lead)), kNoopType, connection.noop, {});
    answer_bundle_poll(lead);
    return;
  }
  scratch_.clear();
  append_farewell(scratch_, connection.framing);
  finish(lead, scratch_.empty() ? Written::kAll : write(lead, scratch_));
}

// --- Polls ------------------------------------------------------------------------------------

// The place for so many objects more of a member's.
std::string& Audiences::hold(std::uint32_t index, std::size_t objects) {
  Bundle& bundle = bundle_of(index);
  bundle.held_objects += objects;
  std::string& held = bundle.held[bundle.place(index)];
  if (!held.empty()) held.push_back(',');
  return held;
}

// Nothing more is held of a channel that has more than its part, or a gap: the client asks again.
void Audiences::hold_history(std::uint32_t index, const Joined& reply) {
  const Subscriber& member = subscribers_[index];
  Audience& audience = audiences_[member.audience];
  Seat& seat = audience.seats[member.seat];
  const History& messages = reply.replay.messages;
  const auto begin = static_cast<std::int64_t>(messages.begin());
  const std::string name = escaped_name(Transport::kPoll, audience.name.text);
  if (reply.tell_next) {
    tell(index, kNextSeqType, static_cast<std::int64_t>(reply.replay.next), {});
  } else if (reply.salvage) {
    const std::vector<History>& runs = reply.salvage->runs();
    if (!runs.empty()) {
      std::string& held = hold(index, 0);
      const std::size_t objects = append_poll_objects(held, name, runs.front(), runs[0].begin());
      bundle_of(index).held_objects += objects;
      bundle_of(index).waited = true;
      counters_.deliveries += runs.front().size();
    }
    tell(index, kNextSeqType, runs.size() > 1 ? static_cast<std::int64_t>(runs[1].begin()) : begin,
         {});
    seat.state = SeatState::kReplay;
  } else if (messages.size() > 0) {
    std::string& held = hold(index, 0);
    bundle_of(index).held_objects += append_poll_objects(held, name, messages, messages.begin());
    bundle_of(index).waited = true;
    counters_.deliveries += messages.size();
    if (!reply.replay.is_last()) seat.state = SeatState::kReplay;
  }
}

void Audiences::hold_live(std::uint32_t index) {
  const Subscriber& member = subscribers_[index];
  Audience& audience = audiences_[member.audience];
  Seat& seat = audience.seats[member.seat];
  const std::uint64_t cursor = audience.cursor(seat);
  if (seat.state != SeatState::kLive || cursor == audience.window.next()) return;
  std::string& held = hold(index, 0);
  const std::string name = escaped_name(Transport::kPoll, audience.name.text);
  bundle_of(index).held_objects += append_poll_objects(held, name, audience.window, cursor);
  counters_.deliveries += audience.window.next() - cursor;
  seat.cursor_low = static_cast<std::uint32_t>(audience.window.next());
  if (held.size() > replay_bytes_max(member)) seat.state = SeatState::kReplay;
}

Audiences::Progress Audiences::advance_member_poll(std::uint32_t index) {
  const std::uint32_t lead = subscribers_[index].lead;
  hold_live(index);
  if (bundle_of(lead).joining > 0) return Progress::kCurrent;
  answer_bundle_poll(lead);
  return Progress::kGone;
}

// One array over all channels, in the order of the request; a single live message stands alone.
void Audiences::answer_bundle_poll(std::uint32_t lead) {
  const Subscriber& connection = subscribers_[lead];
  const Bundle& bundle = bundle_of(lead);
  for (const Bundle::Member& member : bundle.members) {
    if (member.subscriber != kNoIndex) hold_live(member.subscriber);
  }
  std::string objects;
  for (const std::string& held : bundle.held) {
    if (!held.empty() && !objects.empty()) objects.push_back(',');
    objects.append(held);
  }
  const bool single = bundle.held_objects == 1 && !bundle.waited;
  const PollWrap wrap = bundle.poll.wrap();
  scratch_.clear();
  append_poll_body(scratch_, wrap, single ? PollBody::kObject : PollBody::kArray, objects);
  response_.clear();
  heads_.append_front_response(response_, wrap.content_type(), keeps_alive(connection),
                               header_lines_of(lead), scratch_);
  ++counters_.sends;
  finish(lead, write(lead, response_));
}

// --- For tests --------------------------------------------------------------------------------

void Audiences::validate_bundles() {
  std::size_t members = 0;
  std::size_t leads = 0;
  subscribers_.for_each([&](std::uint32_t lead, const Subscriber& connection) {
    if (connection.role != Role::kLead) return;
    ++leads;
    CHECK(connection.heartbeat.armed());
    const Bundle& bundle = bundles_[connection.bundle];
    members += bundle.members.size();
    std::uint32_t present = 0;
    std::uint32_t joining = 0;
    bool fetches = false;
    bool replays = false;
    for (const Bundle::Member& member : bundle.members) {
      if (member.subscriber == kNoIndex) continue;
      ++present;
      if (member.joining) ++joining;
      const Subscriber& record = subscribers_[member.subscriber];
      CHECK(record.role == Role::kMember && record.lead == lead);
      CHECK(record.session == connection.session && record.framing == connection.framing);
      CHECK((record.seat == kNoIndex) == member.joining);
      if (member.joining) continue;
      const Seat& seat = audiences_[record.audience].seats[record.seat];
      CHECK(record.is_poll() || record.frame_offset == 0);
      CHECK(bundle.full || seat.state != SeatState::kBlocked);
      replays = replays || seat.state == SeatState::kReplay;
      CHECK(record.fetching == (bundle.fetching == member.subscriber));
      fetches = fetches || record.fetching;
    }
    CHECK(present == bundle.present);
    CHECK(joining == bundle.joining);
    CHECK(fetches == (bundle.fetching != kNoIndex));
    CHECK(!replays || fetches || bundle.full || connection.is_poll());
    CHECK(present > 0 || connection.framing.transport == Transport::kWebSocket);
  });
  CHECK(leads == bundles_.size());
  CHECK(members == members_);
}

}  // namespace comet

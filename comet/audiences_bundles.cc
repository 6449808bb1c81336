// The part of Audiences for connections with several channels, and for WebSockets: how they and
// their channels come and go, and what homes say of them.
#include <algorithm>
#include <utility>

#include "comet/audiences.h"
#include "comet/operation_answers.h"
#include "comet/refusal.h"
#include "comet/salvage_rendering.h"
#include "http/chunk.h"

namespace comet {
namespace {

using reactor::kNoIndex;

// What the members of a connection may bring at first, all together: one that is not read keeps it.
constexpr std::uint64_t kFirstPartsBytesMax = 128 * 1024;

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
  record.bundle = bundles_.open(request, now_ms_);
  bundles_[record.bundle].leaving = is_draining();
  postpone_heartbeat(lead);
  header_lines_.keep(lead, std::move(request.header_lines));
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
  channels.reserve(request.channels());
  if (request.has_channel()) channels.push_back(static_cast<Subscription&&>(request));
  for (Subscription& channel : request.more) channels.push_back(std::move(channel));
  std::vector<std::uint32_t> members;
  members.reserve(channels.size());
  for (Subscription& channel : channels) {
    members.push_back(enlist(lead, channel));
  }
  for (std::size_t i = 0; i < channels.size() && is_present(self); ++i) {
    ask_home(members[i], channels[i]);
  }
  if (channels.empty()) settle(lead);
  return is_present(self) ? lead : kNoIndex;
}

// Takes the channel's name; ask_home() must follow.
std::uint32_t Audiences::enlist(std::uint32_t lead, Subscription& channel) {
  const std::uint32_t audience = audience_of(std::move(channel.name));
  const Subscriber& connection = subscribers_[lead];
  const std::uint32_t index =
      subscribers_.emplace(connection.session, audience, connection.framing);
  Subscriber& member = subscribers_[index];
  member.role = Role::kMember;
  member.lead = lead;
  bundles_.enlist(bundle_of(lead), index, channel.wanted);
  return index;
}

void Audiences::ask_home(std::uint32_t index, const Subscription& channel) {
  const Subscriber& member = subscribers_[index];
  Audience& audience = audiences_[member.audience];
  const std::size_t home = home_core(audience.name.hash, settings_.cores);
  if (outbox_.congested(home)) {
    refuse_member(index, Outcome::kOverloaded);
    return;
  }
  ++audience.joining;
  Join join;
  join.audience = audience_ref(member.audience);
  join.subscriber = {index, subscribers_.generation(index)};
  join.name = audience.name;
  join.wanted = channel.wanted;
  const std::uint64_t share = (member.is_poll() ? replay_bytes_max(member) : kFirstPartsBytesMax) /
                              bundle_of(index).members.size();
  join.replay_bytes_max = std::min(replay_bytes_max(member), share);
  join.returns = bundle_of(index).returns;
  join.token = channel.token;
  join.has_token = channel.has_token;
  outbox_.send(home, std::move(join));
}

// The member's record goes on to be removed.
void Audiences::detach(std::uint32_t index) {
  Bundle& bundle = bundle_of(index);
  if (subscribers_[index].fetching) bundle.fetching = false;
  bundles_.detach(bundle, index, last_seen(index));
}

void Audiences::remove_bundle(std::uint32_t lead) {
  const Subscriber& connection = subscribers_[lead];
  const Bundle& bundle = bundles_[connection.bundle];
  for (std::uint32_t member = bundle.first_member(); member != kNoIndex;
       member = bundle.first_member()) {
    remove(member);
  }
  bundles_.close(connection.bundle);
  heartbeats_.cancel(lead);
  header_lines_.forget(lead);
  subscribers_.erase(lead);
}

// One that waits is ended; what homes have not answered yet may still be answered at once.
void Audiences::half_close_bundle(std::uint32_t lead) {
  Subscriber& connection = subscribers_[lead];
  const bool waits = bundle_of(lead).joining == 0;
  if (!waits && connection.framing.transport != Transport::kWebSocket) {
    connection.half_closed = true;
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
  const bool is_empty = bundle.first_member() == kNoIndex;
  if (connection.is_poll() && !bundles_.held(bundle).is_empty()) {
    answer_bundle_poll(lead);
  } else if (is_empty && connection.framing.transport != Transport::kWebSocket) {
    finish(lead, connection.framing.chunked ? write(lead, http::kLastChunk) : Written::kAll);
  } else if (connection.half_closed) {
    drop(lead, CloseReason::kClientLeft);
  } else if (bundle.leaving) {
    dismiss_bundle(lead);
  }
}

// --- What homes say ---------------------------------------------------------------------------

void Audiences::member_joined(std::uint32_t index, const Joined& reply) {
  if (reply.outcome != Outcome::kOk) {
    refuse_member(index, reply.outcome);
    return;
  }
  const std::uint32_t lead = subscribers_[index].lead;
  seat(index, reply.replay.next);
  --bundle_of(lead).joining;
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
  const Bundle& bundle = bundle_of(index);
  const Replay& replay = reply.replay;
  scratch_.clear();
  if (member.added) {
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
  postpone_heartbeat(member.lead);
  const bool fits = !bundle.full || replay.messages.bytes() <= replay_bytes_max(member);
  if (fits) return send_replay(index, replay);
  // A long message that the socket cannot take now is fetched again when it can.
  Seat& seat = audience.seats[member.seat];
  seat.cursor_low = static_cast<std::uint32_t>(replay.messages.begin());
  seat.state = SeatState::kReplay;
  if (scratch_.empty() || write(index, scratch_) != Written::kGone) return true;
  drop(index, CloseReason::kClientLeft);
  return false;
}

void Audiences::refuse_member(std::uint32_t index, Outcome outcome) {
  const Refusal refusal = refusal_of(outcome);
  count(index, refusal.reason);
  if (!subscribers_[index].added) {
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
    bundles_.hold(bundle_of(index), index, PollForm::kLive, [&](std::string& held) {
      append_poll_object(held, name, type, seq, content);
      return 1;
    });
    return true;
  }
  postpone_heartbeat(member.lead);
  scratch_.clear();
  append_control(scratch_, member.framing, name, type, seq, content, last_seen(index),
                 others_of(index));
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
  for (const std::uint32_t member : bundles_[subscribers_[lead].bundle].members) {
    if (member == kNoIndex) continue;
    if (audiences_[subscribers_[member].audience].name.text == cname) return member;
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
  const std::uint32_t member = enlist(lead, channel);
  subscribers_[member].added = true;
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
  postpone_heartbeat(lead);
  if (write(lead, frame) != Written::kGone) return true;
  drop(lead, CloseReason::kClientLeft);
  return false;
}

void Audiences::heard(std::uint32_t lead) { bundle_of(lead).heard = true; }

}  // namespace comet

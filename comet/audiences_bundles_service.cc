// The part of Audiences that serves connections with several channels while they last: whose turn
// it is when the socket has room, where each channel stands, heartbeats, and being sent away.
#include <algorithm>

#include "comet/audiences.h"
#include "http/websocket_frame.h"
#include "reactor/check.h"

namespace comet {
namespace {

using reactor::kNoIndex;

// Where more than that may be unread, after a stop or in a storm, nobody is called silent: the
// answer to the last ping may be there.
constexpr std::uint64_t kUnreadMsMax = 1000;

}  // namespace

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
    const std::uint32_t index = bundle.members[(bundle.next_to_serve + i) % count];
    if (index == kNoIndex || subscribers_[index].seat == kNoIndex) continue;
    const Subscriber& member = subscribers_[index];
    if (audiences_[member.audience].seats[member.seat].state != SeatState::kBlocked) continue;
    blocked.push_back({index, subscribers_.generation(index)});
  }
  if (count > 0) bundle.next_to_serve = bundle.behind(bundle.next_to_serve);
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
  if (bundle.full || bundle.fetching || subscribers_[lead].is_poll()) return;
  const std::size_t count = bundle.members.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = (bundle.next_to_fetch + i) % count;
    const std::uint32_t index = bundle.members[place];
    if (index == kNoIndex || subscribers_[index].seat == kNoIndex) continue;
    const Subscriber& member = subscribers_[index];
    if (audiences_[member.audience].seats[member.seat].state != SeatState::kReplay) continue;
    bundle.next_to_fetch = bundle.behind(place);
    want_more(index);
    return;
  }
}

// --- Positions --------------------------------------------------------------------------------

LastSeen Audiences::last_seen(std::uint32_t index) const {
  const Subscriber& member = subscribers_[index];
  if (member.seat == kNoIndex) return std::nullopt;
  const Audience& audience = audiences_[member.audience];
  return audience.cursor(audience.seats[member.seat]) - 1;
}

std::int64_t Audiences::position_of(const Bundle& bundle, std::size_t place) const {
  const std::uint32_t member = bundle.members[place];
  const LastSeen seen = member == kNoIndex ? std::nullopt : last_seen(member);
  return seen ? static_cast<std::int64_t>(*seen) : bundles_.position(bundle, place);
}

OtherPositions Audiences::others_of(std::uint32_t index) {
  const Subscriber& record = subscribers_[index];
  if (record.role != Role::kMember || record.framing.transport != Transport::kSse) return {};
  const Bundle& bundle = bundle_of(index);
  const std::size_t own = bundle.place(index);
  positions_before_.clear();
  positions_after_.clear();
  for (std::size_t place = 0; place < bundle.members.size(); ++place) {
    const std::string position = std::to_string(position_of(bundle, place));
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

// Something else than a message was written, or is about to be.
void Audiences::postpone_heartbeat(std::uint32_t lead) {
  arm_heartbeat(lead, now_ms_ + settings_.polling_timeout_ms);
}

// One for the connection, under the name of the first channel that is still there.
void Audiences::bundle_heartbeat(std::uint32_t lead) {
  Subscriber& connection = subscribers_[lead];
  Bundle& bundle = bundle_of(lead);
  std::uint64_t delivered_ms = 0;
  bool behind = bundle.full || bundle.joining > 0;
  for (const std::uint32_t member : bundle.members) {
    if (member == kNoIndex || subscribers_[member].seat == kNoIndex) continue;
    delivered_ms = std::max(delivered_ms, audiences_[subscribers_[member].audience].delivered_ms);
    behind = behind || !is_up_to_date(member);
  }
  const std::uint64_t idle_until = delivered_ms + settings_.polling_timeout_ms;
  if (behind || idle_until > now_ms_) {
    arm_heartbeat(lead, behind ? now_ms_ + settings_.polling_timeout_ms : idle_until);
    return;
  }
  const bool websocket = connection.framing.transport == Transport::kWebSocket;
  if (websocket && !bundle.heard) {
    const bool may_be_unread = now_ms_ - heard_until_ms_ > kUnreadMsMax;
    if (may_be_unread) {
      arm_heartbeat(lead, now_ms_ + kUnreadMsMax);
    } else {
      drop(lead, CloseReason::kSilent);
    }
    return;
  }
  bundle.heard = false;
  postpone_heartbeat(lead);
  const std::uint32_t first = bundle.first_member();
  if (first != kNoIndex) {
    const std::int64_t noop = connection.noop;
    // Unsigned: a client may begin at the largest number there is.
    connection.noop = static_cast<std::int64_t>(static_cast<std::uint64_t>(noop) + 1);
    if (!tell(first, kNoopType, noop, {})) return;
  }
  if (websocket) {
    scratch_.clear();
    http::append_frame(scratch_, http::Opcode::kPing, {});
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
    const std::uint32_t index = bundle.members[i];
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
  count(lead, CloseReason::kDraining);
  if (connection.is_poll()) {
    tell(bundle_of(lead).first_member(), kNoopType, connection.noop, {});
    answer_bundle_poll(lead);
    return;
  }
  scratch_.clear();
  append_farewell(scratch_, connection.framing);
  finish(lead, scratch_.empty() ? Written::kAll : write(lead, scratch_));
}

// --- For tests --------------------------------------------------------------------------------

void Audiences::validate_bundles() {
  bundles_.validate();
  std::size_t leads = 0;
  subscribers_.for_each([&](std::uint32_t lead, const Subscriber& connection) {
    if (connection.role != Role::kLead) return;
    ++leads;
    CHECK(connection.heartbeat.armed());
    const Bundle& bundle = bundles_[connection.bundle];
    CHECK(bundle.kind == kind_of(connection.framing.transport));
    std::uint32_t joining = 0;
    bool fetches = false;
    bool replays = false;
    for (const std::uint32_t member : bundle.members) {
      if (member == kNoIndex) continue;
      const Subscriber& record = subscribers_[member];
      CHECK(record.role == Role::kMember && record.lead == lead);
      CHECK(record.session == connection.session && record.framing == connection.framing);
      if (record.seat == kNoIndex) {
        ++joining;
        continue;
      }
      const Seat& seat = audiences_[record.audience].seats[record.seat];
      CHECK(record.is_poll() || record.frame_offset == 0);
      CHECK(bundle.full || seat.state != SeatState::kBlocked);
      replays = replays || seat.state == SeatState::kReplay;
      CHECK(!record.fetching || !fetches);
      fetches = fetches || record.fetching;
    }
    CHECK(joining == bundle.joining);
    CHECK(fetches == bundle.fetching);
    CHECK(!replays || fetches || bundle.full || connection.is_poll());
    CHECK(bundle.first_member() != kNoIndex || bundle.kind == BundleKind::kWebSocket);
  });
  CHECK(leads == bundles_.size());
}

}  // namespace comet

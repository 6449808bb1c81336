// The part of Audiences that answers polls of several channels: what homes say and what comes
// meanwhile is held, and the response is made when every home has answered.
#include "comet/audiences.h"

namespace comet {
namespace {

using reactor::kNoIndex;

}  // namespace

// Nothing more is held of a channel that has more than its part, or a gap, and nothing of one whose
// turn comes when the answer is full: the client asks again.
void Audiences::hold_history(std::uint32_t index, const Joined& reply) {
  const Subscriber& member = subscribers_[index];
  Audience& audience = audiences_[member.audience];
  Seat& seat = audience.seats[member.seat];
  const Bundle& bundle = bundle_of(index);
  const History& messages = reply.replay.messages;
  const auto begin = static_cast<std::int64_t>(messages.begin());
  const std::string name = escaped_name(Transport::kPoll, audience.name.text);
  const auto hold = [&](const History& waiting) {
    bundles_.hold(bundle, index, PollForm::kWaiting, [&](std::string& held) {
      return append_poll_objects(held, name, waiting, waiting.begin());
    });
    counters_.deliveries += waiting.size();
  };
  if (reply.tell_next) {
    tell(index, kNextSeqType, static_cast<std::int64_t>(reply.replay.next), {});
  } else if (bundles_.held(bundle).bytes() >= replay_bytes_max(member)) {
    seat.state = SeatState::kReplay;
  } else if (reply.salvage) {
    const std::vector<History>& runs = reply.salvage->runs();
    if (!runs.empty()) hold(runs.front());
    tell(index, kNextSeqType, runs.size() > 1 ? static_cast<std::int64_t>(runs[1].begin()) : begin,
         {});
    seat.state = SeatState::kReplay;
  } else if (messages.size() > 0) {
    hold(messages);
    if (!reply.replay.is_last()) seat.state = SeatState::kReplay;
  }
}

void Audiences::hold_live(std::uint32_t index) {
  const Subscriber& member = subscribers_[index];
  Audience& audience = audiences_[member.audience];
  Seat& seat = audience.seats[member.seat];
  const std::uint64_t cursor = audience.cursor(seat);
  if (seat.state != SeatState::kLive || cursor == audience.window.next()) return;
  const Bundle& bundle = bundle_of(index);
  if (bundles_.held(bundle).bytes() >= replay_bytes_max(member)) {
    seat.state = SeatState::kReplay;
    return;
  }
  const std::string name = escaped_name(Transport::kPoll, audience.name.text);
  const std::size_t bytes = bundles_.hold(bundle, index, PollForm::kLive, [&](std::string& held) {
    return append_poll_objects(held, name, audience.window, cursor);
  });
  counters_.deliveries += audience.window.next() - cursor;
  seat.cursor_low = static_cast<std::uint32_t>(audience.window.next());
  if (bytes > replay_bytes_max(member)) seat.state = SeatState::kReplay;
}

Audiences::Progress Audiences::advance_member_poll(std::uint32_t index) {
  const std::uint32_t lead = subscribers_[index].lead;
  hold_live(index);
  if (bundle_of(lead).joining > 0) return Progress::kCurrent;
  answer_bundle_poll(lead);
  return Progress::kGone;
}

void Audiences::answer_bundle_poll(std::uint32_t lead) {
  const Subscriber& connection = subscribers_[lead];
  const Bundle& bundle = bundle_of(lead);
  for (const std::uint32_t member : bundle.members) {
    if (member != kNoIndex) hold_live(member);
  }
  const HeldAnswer& answer = bundles_.held(bundle);
  scratch_.clear();
  answer.append_body(scratch_);
  response_.clear();
  heads_.append_front_response(response_, answer.wrap().content_type(), keeps_alive(connection),
                               header_lines_.of(lead), scratch_);
  ++counters_.sends;
  finish(lead, write(lead, response_));
}

}  // namespace comet

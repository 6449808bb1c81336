// The part of Audiences that answers polls of several channels: what homes say and what comes
// meanwhile is held, and the response is made when every home has answered.
#include "comet/audiences.h"

namespace comet {
namespace {

using reactor::kNoIndex;

}  // namespace

// The place for so many objects more of a member's.
std::string& Audiences::hold(std::uint32_t index, std::size_t objects) {
  const Bundle& bundle = bundle_of(index);
  HeldAnswer& answer = held_answers_[bundle.answer];
  answer.objects += objects;
  std::string& held = answer.by_place[bundle.place(index)];
  if (!held.empty()) held.push_back(',');
  return held;
}

// After something was appended to it.
void Audiences::count_held(std::uint32_t lead) {
  HeldAnswer& answer = held_answer_of(lead);
  std::size_t bytes = 0;
  for (const std::string& held : answer.by_place) bytes += memory_of(held);
  poll_memory_ += bytes - answer.counted;  // modulo 2^64
  answer.counted = bytes;
}

// Nothing more is held of a channel that has more than its part, or a gap, and nothing of one whose
// turn comes when the answer is full: the client asks again.
void Audiences::hold_history(std::uint32_t index, const Joined& reply) {
  const Subscriber& member = subscribers_[index];
  Audience& audience = audiences_[member.audience];
  Seat& seat = audience.seats[member.seat];
  HeldAnswer& answer = held_answer_of(index);
  const History& messages = reply.replay.messages;
  const auto begin = static_cast<std::int64_t>(messages.begin());
  const std::string name = escaped_name(Transport::kPoll, audience.name.text);
  if (reply.tell_next) {
    tell(index, kNextSeqType, static_cast<std::int64_t>(reply.replay.next), {});
  } else if (answer.bytes() >= replay_bytes_max(member)) {
    seat.state = SeatState::kReplay;
  } else if (reply.salvage) {
    const std::vector<History>& runs = reply.salvage->runs();
    if (!runs.empty()) {
      std::string& held = hold(index, 0);
      answer.objects += append_poll_objects(held, name, runs.front(), runs[0].begin());
      answer.waited = true;
      counters_.deliveries += runs.front().size();
    }
    tell(index, kNextSeqType, runs.size() > 1 ? static_cast<std::int64_t>(runs[1].begin()) : begin,
         {});
    seat.state = SeatState::kReplay;
  } else if (messages.size() > 0) {
    std::string& held = hold(index, 0);
    answer.objects += append_poll_objects(held, name, messages, messages.begin());
    answer.waited = true;
    counters_.deliveries += messages.size();
    if (!reply.replay.is_last()) seat.state = SeatState::kReplay;
  }
  count_held(member.lead);
}

void Audiences::hold_live(std::uint32_t index) {
  const Subscriber& member = subscribers_[index];
  Audience& audience = audiences_[member.audience];
  Seat& seat = audience.seats[member.seat];
  const std::uint64_t cursor = audience.cursor(seat);
  if (seat.state != SeatState::kLive || cursor == audience.window.next()) return;
  if (held_answer_of(index).bytes() >= replay_bytes_max(member)) {
    seat.state = SeatState::kReplay;
    return;
  }
  std::string& held = hold(index, 0);
  const std::string name = escaped_name(Transport::kPoll, audience.name.text);
  held_answer_of(index).objects += append_poll_objects(held, name, audience.window, cursor);
  counters_.deliveries += audience.window.next() - cursor;
  seat.cursor_low = static_cast<std::uint32_t>(audience.window.next());
  if (held.size() > replay_bytes_max(member)) seat.state = SeatState::kReplay;
  count_held(member.lead);
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
  for (const std::uint32_t member : bundle_of(lead).members) {
    if (member != kNoIndex) hold_live(member);
  }
  const HeldAnswer& answer = held_answer_of(lead);
  std::string objects;
  for (const std::string& held : answer.by_place) {
    if (!held.empty() && !objects.empty()) objects.push_back(',');
    objects.append(held);
  }
  const bool single = answer.objects == 1 && !answer.waited;
  const PollWrap wrap = answer.request.wrap();
  scratch_.clear();
  append_poll_body(scratch_, wrap, single ? PollBody::kObject : PollBody::kArray, objects);
  response_.clear();
  heads_.append_front_response(response_, wrap.content_type(), keeps_alive(connection),
                               header_lines_.of(lead), scratch_);
  ++counters_.sends;
  finish(lead, write(lead, response_));
}

}  // namespace comet

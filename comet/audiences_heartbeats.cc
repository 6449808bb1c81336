// The part of Audiences that tells idle clients that the server lives.
#include "comet/audiences.h"

namespace comet {
namespace {

using reactor::kNoIndex;

constexpr std::uint64_t kHeartbeatGridMs = 256;

}  // namespace

bool Audiences::beat(std::size_t budget, std::uint64_t heard_until_us) {
  heard_until_ms_ = heard_until_us / 1000;
  for (; budget > 0; --budget) {
    const std::uint32_t index = heartbeats_.pop_due(now_ms_);
    if (index == kNoIndex) return false;
    heartbeat(index);
  }
  return true;
}

// Heartbeats may be a second late. Those that fall due within a quarter of one are sent in one go:
// the core wakes up for all of them once, and so does a proxy or a phone that holds many of them.
void Audiences::arm_heartbeat(std::uint32_t index, std::uint64_t due_ms) {
  heartbeats_.arm(index, (due_ms + kHeartbeatGridMs - 1) / kHeartbeatGridMs * kHeartbeatGridMs);
}

// Deliveries do not touch a subscriber's timer. When it fires, the time of the audience's newest
// message says whether the connection was idle; whoever is behind does not need a sign of life.
void Audiences::heartbeat(std::uint32_t index) {
  Subscriber& subscriber = subscribers_[index];
  if (subscriber.role == Role::kLead) {
    bundle_heartbeat(index);
    return;
  }
  const Audience& audience = audiences_[subscriber.audience];
  const std::uint64_t idle_until = audience.delivered_ms + settings_.polling_timeout_ms;
  const Seat& seat = audience.seats[subscriber.seat];
  const bool behind = audience.closing || seat.state != SeatState::kLive ||
                      audience.cursor(seat) != audience.window.next();
  if (behind || idle_until > now_ms_) {
    arm_heartbeat(index, behind ? now_ms_ + settings_.polling_timeout_ms : idle_until);
    return;
  }
  if (subscriber.is_poll()) {
    end_with(index, kNoopType, subscriber.noop);
    return;
  }
  arm_heartbeat(index, now_ms_ + settings_.polling_timeout_ms);
  const std::string_view frame =
      heartbeat_frames_.frame(audience_ref(subscriber.audience), audience.name.text,
                              subscriber.framing, subscriber.noop, audience.window.next());
  // A socket that is full anyway needs no sign of life; what is begun must be finished.
  const Sent sent = wire_.send(subscriber.session, frame);
  if (sent.status == SendStatus::kWouldBlock) return;
  // Unsigned: a client may begin at the largest number there is.
  subscriber.noop = static_cast<std::int64_t>(static_cast<std::uint64_t>(subscriber.noop) + 1);
  if (sent.status == SendStatus::kOk && sent.bytes == frame.size()) return;
  const bool alive = sent.status == SendStatus::kOk &&
                     wire_.write(subscriber.session, frame.substr(sent.bytes)) != Written::kGone;
  if (!alive) drop(index, CloseReason::kClientLeft);
}

}  // namespace comet

// The part of Worker that empties a core when the server drains.
#include <algorithm>
#include <array>
#include <bit>

#include "comet/worker.h"
#include "reactor/random.h"

namespace comet {
namespace {

using Phase = Session::Phase;

// Sessions looked at in one turn, most of which need nothing.
constexpr std::uint32_t kSessionsPerTurn = 512;

// What has been said may take that long to leave.
constexpr std::uint64_t kLastBytesMs = 2000;

std::uint64_t random_seed() {
  std::array<std::uint8_t, 8> bytes;
  reactor::fill_random(bytes);
  return std::bit_cast<std::uint64_t>(bytes);
}

}  // namespace

void Worker::enter_phase() {
  phase_ = shared_.phase.load(std::memory_order_acquire);
  if (phase_ == ServerPhase::kDraining) begin_drain();
}

void Worker::begin_drain() {
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (listeners_[i].port == Port::kFront) loop_.close_listener(i);
  }
  const std::uint64_t duration_ms = std::uint64_t{snapshot_->config().drain_timeout_s} * 1000;
  drain_ends_ms_ = now_ms_ + duration_ms + (duration_ms > 0 ? kLastBytesMs : 0);
  hub_.begin_drain(duration_ms * 1000, random_seed());
}

// True if some are left.
bool Worker::drain_sessions() {
  const std::uint32_t end = std::min(next_to_drain_ + kSessionsPerTurn, sessions_.index_end());
  for (; next_to_drain_ < end; ++next_to_drain_) {
    if (sessions_.is_live(next_to_drain_)) drain_session(next_to_drain_);
  }
  return next_to_drain_ < sessions_.index_end();
}

// A connection between two requests ends, unless the next one is here already.
void Worker::drain_session(std::uint32_t index) {
  Session& session = sessions_[index];
  const auto waits = [&session] {
    return session.phase == Phase::kReading || session.phase == Phase::kProxied;
  };
  if (session.port != Port::kFront || !waits()) return;
  session.unread = true;
  read(index);
  const bool idle = waits() && session.is_between_requests();
  if (!idle) return;
  count(index, CloseReason::kDraining);
  begin_closing(index);
}

void Worker::report_when_drained() {
  if (reported_drained_ || !is_drained()) return;
  reported_drained_ = true;
  shared_.drained.fetch_add(1, std::memory_order_release);
}

bool Worker::is_drained() {
  if (next_to_drain_ < sessions_.index_end()) return false;
  if (now_ms_ >= drain_ends_ms_) return hub_.has_drained();
  if (front_sessions_ > 0 || !hub_.has_drained()) return false;
  // Publishes that are under way, and their answers, come first.
  bool owes = false;
  sessions_.for_each([&owes](std::uint32_t, const Session& session) {
    if (session.phase == Phase::kDead) return;
    owes = owes || session.phase == Phase::kAwaiting || session.connection.unsent() > 0 ||
           (session.phase == Phase::kReading && !session.is_between_requests());
  });
  return !owes;
}

}  // namespace comet

// The part of Home that walks through all its channels, slice by slice: no turn is long.
#include <algorithm>
#include <utility>

#include "comet/home.h"

namespace comet {
namespace {

// Of a walk that has just begun: most servers have fewer channels, and need no other turn.
constexpr std::uint32_t kFirstSlice = 1024;
// How long a broadcast waits for a core that is behind with a channel. Publishers of that channel
// may take whatever room there is each time before it; windows have some beyond their bound.
constexpr std::uint64_t kPatienceMs = 2000;

}  // namespace

// A walk through millions of channels is no matter of one turn; meanwhile a publish trims, too.
void Home::reconfigured() { trimming_from_ = 0; }

bool Home::trim_some(std::uint32_t budget) {
  const std::uint32_t end = std::min(channels_.index_end(), *trimming_from_ + budget);
  for (std::uint32_t index = *trimming_from_; index < end; ++index) {
    if (channels_.is_live(index)) shorten(channels_[index]);
  }
  trimming_from_ = end;
  if (end == channels_.index_end()) trimming_from_.reset();
  return trimming_from_.has_value();
}

// Nobody was told while nobody listened: each channel is due again at its next round time.
bool Home::arm_some(std::uint32_t budget) {
  const std::uint32_t end = std::min(channels_.index_end(), *arming_from_ + budget);
  for (std::uint32_t index = *arming_from_; index < end; ++index) {
    if (!channels_.is_live(index)) continue;
    Channel& channel = channels_[index];
    if (channel.announce_ms <= now_ms_) {
      const std::uint64_t period = settings_.channel_timeout_ms;
      channel.announce_ms += ((now_ms_ - channel.announce_ms) / period + 1) * period;
    }
    arm(index);
  }
  arming_from_ = end;
  if (end == channels_.index_end()) arming_from_.reset();
  return arming_from_.has_value();
}

void Home::begin_broadcast(std::size_t from, Ref survey, const MessageRef& message) {
  broadcasts_.push_back({from, survey, message});
  if (broadcasts_.size() == 1) spread_some(kFirstSlice);
}

bool Home::spread_some(std::uint32_t budget) {
  // Between slices, so that what waits for a core is longer by one slice at most.
  if (outbox_.any_congested(settings_.cores)) return false;
  while (!broadcasts_.empty()) {
    Spreading& broadcast = broadcasts_.front();
    if (!broadcast.end_index) broadcast.end_index = channels_.index_end();
    if (!spread_slice(broadcast, budget)) return false;
    if (broadcast.next_index < *broadcast.end_index) return true;
    const Spreading done = std::move(broadcasts_.front());
    broadcasts_.pop_front();
    outbox_.send(done.from, SurveyReply{done.survey, {}});
  }
  return false;
}

// False if it has to wait.
bool Home::spread_slice(Spreading& broadcast, std::uint32_t& budget) {
  for (; budget > 0 && broadcast.next_index < *broadcast.end_index; ++broadcast.next_index) {
    --budget;
    if (!channels_.is_live(broadcast.next_index)) continue;
    Channel& channel = channels_[broadcast.next_index];
    if (waits_for_core(broadcast, channel)) return false;
    if (publish(channel, broadcast.message) != Outcome::kOk) return false;
  }
  return true;
}

bool Home::waits_for_core(Spreading& broadcast, const Channel& channel) const {
  if (!is_held_up(channel, &Outbox::congested)) {
    broadcast.held_up_ms.reset();
    return false;
  }
  if (!broadcast.held_up_ms) broadcast.held_up_ms = now_ms_;
  return now_ms_ - *broadcast.held_up_ms < kPatienceMs;
}

}  // namespace comet

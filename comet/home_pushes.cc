// The part of Home that says when publishers must wait, and publishes batches: in slices and at the
// pace of those who must hear of it.
#include <algorithm>
#include <utility>

#include "comet/home.h"
#include "reactor/check.h"

namespace comet {
namespace {

// How long a batch waits for a core that takes nothing, and how long in all, with those before it:
// a core may take a little now and then. What is left is refused then.
constexpr std::uint64_t kPatienceMs = 2000;
constexpr std::uint64_t kWholePatienceMs = 10'000;

}  // namespace

// A buffer that is full lets go of its oldest message for each that comes.
bool Home::would_grow(const Channel& channel, const MessageRef& message) const {
  if (settings_.channel_buffer_size == 0) return false;
  const History& history = channel.history;
  if (history.size() < settings_.channel_buffer_size) return true;
  return message->own_memory() > history.at(history.begin())->own_memory();
}

bool Home::is_held_up(const Channel& channel, IsFull is_full) const {
  return std::ranges::any_of(channel.members, [&](const Member& member) {
    return member.is_behind || (outbox_.*is_full)(member.core);
  });
}

Outcome Home::may_publish(const Channel& channel, const MessageRef& message, IsFull is_full) const {
  if (is_held_up(channel, is_full)) return Outcome::kOverloaded;
  if (memory_gate_.is_shut() && would_grow(channel, message)) return Outcome::kMemoryFull;
  return Outcome::kOk;
}

void Home::begin_push(std::size_t from, PushOrder&& order) {
  Push& push = pushes_.emplace_back(Push{from, std::move(order), {}, now_ms_, now_ms_});
  push.results.reserve(push.order.entries.size());
}

bool Home::push_some(std::size_t budget) {
  while (!pushes_.empty()) {
    Push& push = pushes_.front();
    for (; push.results.size() < push.order.entries.size(); --budget) {
      if (budget == 0) return true;
      const std::optional<PushResult> result = push_next(push);
      if (!result) return false;
      if (result->outcome != Outcome::kOverloaded) push.moved_ms = now_ms_;
      push.results.push_back(*result);
    }
    outbox_.send(push.from, PushReport{push.order.session, std::move(push.results)});
    pushes_.pop_front();
    // The others have not waited for a core until now.
    if (!pushes_.empty()) pushes_.front().moved_ms = now_ms_;
  }
  return false;
}

// Nothing while one of the cores that must hear of the message has enough to do.
std::optional<PushResult> Home::push_next(const Push& push) {
  const PushOrder::Entry& entry = push.order.entries[push.results.size()];
  const ChannelName& name = push.order.channels[entry.channel];
  std::uint32_t index = find(name);
  if (index == reactor::kNoIndex) {
    const Created created = find_or_create(ChannelName(name));
    if (created.outcome != Outcome::kOk) return PushResult{0, created.outcome};
    index = created.index;
  }
  Channel& channel = channels_[index];
  const Outcome outcome = may_publish(channel, entry.message, &Outbox::has_backlog);
  const bool patient =
      now_ms_ - push.moved_ms < kPatienceMs && now_ms_ - push.began_ms < kWholePatienceMs;
  if (outcome == Outcome::kOverloaded && patient) return std::nullopt;
  if (outcome != Outcome::kOk) return PushResult{0, outcome};
  const std::uint64_t seq = channel.history.next();
  return PushResult{seq, publish(channel, entry.message)};
}

}  // namespace comet

#include "comet/home.h"

#include <algorithm>

#include "reactor/check.h"

namespace comet {
namespace {

constexpr std::string_view kAppeared = "1";
constexpr std::string_view kGone = "0";

// Of a rendered message, roughly: the chunk, and the JSON but for the content.
constexpr std::uint64_t kBytesAroundContent = 80;

// Of a part of a channel's history, while memory is short: what a socket takes at once.
constexpr std::uint64_t kReplayBytesWhenShort = 16 * 1024;

}  // namespace

Home::Home(const HubSettings& settings, ChannelCount& channel_count, Outbox& outbox,
           std::uint64_t now_ms)
    : settings_(settings),
      channel_count_(channel_count),
      outbox_(outbox),
      now_ms_(now_ms),
      timers_(channels_, now_ms),
      watching_{ByCore(settings.cores, false), ByCore(settings.cores, false)} {}

Home::~Home() {
  channel_count_.fetch_sub(static_cast<std::uint32_t>(channels_.size()), std::memory_order_relaxed);
}

void Home::join(std::size_t from, Join&& request) {
  HubMessage message(std::in_place_type<Joined>);
  Joined& reply = std::get<Joined>(message);
  reply.audience = request.audience;
  reply.subscriber = request.subscriber;
  reply.observes = request.observes;
  std::uint32_t index = reactor::kNoIndex;
  reply.outcome = let_in(request, index);
  if (reply.outcome == Outcome::kOk) {
    Channel& channel = channels_[index];
    const auto next = static_cast<std::int64_t>(channel.history.next());
    reply.tell_next = request.wanted == 0 || request.wanted > next;
    if (!reply.tell_next) reply.salvage = salvage_for(channel, request.wanted);
    const std::int64_t first = reply.tell_next ? next : std::max<std::int64_t>(request.wanted, 0);
    reply.replay = replay(channel, static_cast<std::uint64_t>(first), request.replay_bytes_max);
    reply.channel = ref(index);
    if (!request.observes) ++channel.subscribers;
    add_member(channel, from, request.audience);
    if (tells_changes() && !request.observes) [[unlikely]]
      change_of(index).joined = true;
  }
  outbox_.send(from, std::move(message));
}

void Home::fetch(std::size_t from, const Fetch& fetch) {
  const Channel* channel = channels_.find(fetch.channel.index, fetch.channel.generation);
  if (channel == nullptr) return;
  outbox_.send(from,
               Fetched{fetch.subscriber, replay(*channel, fetch.from, fetch.replay_bytes_max)});
}

// The messages from `from` on, or from the oldest, as many as take about that many bytes; at least
// one if there is one. While memory is short, they are fewer.
Replay Home::replay(const Channel& channel, std::uint64_t from, std::uint64_t bytes_max) const {
  if (memory_gate_.is_shut()) bytes_max = std::min(bytes_max, kReplayBytesWhenShort);
  const History& history = channel.history;
  Replay part;
  part.next = history.next();
  std::uint64_t seq = std::max(from, history.begin());
  part.messages.restart(seq);
  for (std::uint64_t bytes = 0; seq < history.next() && bytes < bytes_max; ++seq) {
    part.messages.append(history.at(seq));
    bytes += history.at(seq)->content().size() + kBytesAroundContent;
  }
  return part;
}

// All numbers below first_number_ are from before a crash: who wants one of them crosses a gap.
std::unique_ptr<Salvage> Home::salvage_for(const Channel& channel, std::int64_t wanted) const {
  const auto from = static_cast<std::uint64_t>(std::max<std::int64_t>(wanted, 1));
  if (from >= first_number_) return nullptr;
  if (!channel.salvage) return std::make_unique<Salvage>();
  return std::make_unique<Salvage>(channel.salvage->copy_from(from));
}

Outcome Home::let_in(const Join& request, std::uint32_t& index) {
  index = find(request.name);
  if (request.observes) {
    return index == reactor::kNoIndex ? Outcome::kUnknownChannel : Outcome::kOk;
  }
  if (settings_.auth == Auth::kToken) {
    const bool known = index != reactor::kNoIndex;
    if (!known || !request.has_token ||
        !channels_[index].token.equals_constant_time(request.token)) {
      return Outcome::kTokenError;
    }
  } else if (index == reactor::kNoIndex) {
    if (!settings_.create_channels) return Outcome::kUnknownChannel;
    const Created created = find_or_create(ChannelName(request.name));
    if (created.outcome != Outcome::kOk) return created.outcome;
    index = created.index;
  }
  if (memory_gate_.is_shut() && !request.returns) return Outcome::kMemoryFull;
  if (channels_[index].subscribers >= settings_.max_subscribers_per_channel) {
    return Outcome::kTooManySubscribers;
  }
  return Outcome::kOk;
}

void Home::add_member(Channel& channel, std::size_t core, Ref audience) {
  for (Member& member : channel.members) {
    if (member.core == core && member.audience == audience) {
      ++member.count;
      return;
    }
  }
  channel.members.push_back({static_cast<std::uint32_t>(core) & 0x7fffffff, 0, 1, audience});
}

void Home::leave(std::size_t from, const Leave& leave) {
  Channel* channel = channels_.find(leave.channel.index, leave.channel.generation);
  if (channel == nullptr) return;
  auto& members = channel->members;
  const auto member = std::find_if(members.begin(), members.end(), [&](const Member& candidate) {
    return candidate.core == from && candidate.audience == leave.audience;
  });
  CHECK(member != members.end() && member->count >= leave.count);
  member->count -= leave.count;
  if (member->count == 0) members.erase(member);
  const std::uint32_t subscribers = leave.count - leave.observers;
  channel->subscribers -= subscribers;
  if (tells_changes() && subscribers > 0) [[unlikely]]
    change_of(leave.channel.index).left = true;
  if (subscribers > 0 && channel->subscribers == 0) {
    channel->deadline_ms = now_ms_ + settings_.channel_timeout_ms;
    arm(leave.channel.index);
  }
}

void Home::keep_pace(std::size_t from, const Behind& notice) {
  Channel* channel = channels_.find(notice.channel.index, notice.channel.generation);
  if (channel == nullptr) return;
  for (Member& member : channel->members) {
    if (member.core == from && member.audience == notice.audience) {
      member.is_behind = notice.is_behind;
    }
  }
}

Answer Home::command(Command&& command) {
  Answer answer;
  answer.session = command.session;
  std::uint32_t index = find(command.name);
  const bool creates =
      command.verb == Command::Verb::kPublish || command.verb == Command::Verb::kSign;
  if (index == reactor::kNoIndex) {
    if (!creates) {
      answer.outcome = Outcome::kUnknownChannel;
      return answer;
    }
    const Created created = find_or_create(std::move(command.name));
    answer.outcome = created.outcome;
    if (answer.outcome != Outcome::kOk) return answer;
    index = created.index;
  }

  Channel& channel = channels_[index];
  answer.subscribers = channel.subscribers;
  answer.seq = channel.history.next();
  switch (command.verb) {
    case Command::Verb::kPublish:
      answer.outcome = may_publish(channel, command.message, &Outbox::congested);
      if (answer.outcome == Outcome::kOk) answer.outcome = publish(channel, command.message);
      break;
    case Command::Verb::kSign:
      answer.expires_s = command.expires_s != 0
                             ? command.expires_s
                             : static_cast<std::uint32_t>(settings_.channel_timeout_ms / 1000);
      channel.deadline_ms = now_ms_ + std::uint64_t{answer.expires_s} * 1000;
      arm(index);
      answer.seq = channel.oldest();
      answer.token = channel.token;
      break;
    case Command::Verb::kClose:
      close(index);
      break;
    case Command::Verb::kClear:
      history_memory_ -= channel.memory();
      channel.history.clear();
      channel.salvage.reset();
      break;
    case Command::Verb::kInspect:
      break;
  }
  return answer;
}

Outcome Home::publish(Channel& channel, const MessageRef& message) {
  const std::uint64_t seq = channel.history.next();
  if (seq >= watched_from_) [[unlikely]] {
    if (seq >= ceiling_) return Outcome::kNumbersShort;
    greatest_watched_ = std::max(greatest_watched_, seq);
  }
  ++messages_in_;
  const std::uint64_t before = channel.history.memory();
  channel.history.append(message);
  while (channel.history.size() > settings_.channel_buffer_size) channel.history.drop_oldest();
  const std::uint64_t grown = channel.history.memory() - before;  // modulo 2^64
  history_memory_ += grown;
  memory_gate_.add(static_cast<std::int64_t>(grown));
  if (channel.salvage) [[unlikely]]
    shorten_salvage(channel);
  channel.last_message_s = now_s();
  extend_life(channel);
  for (const Member& member : channel.members) {
    outbox_.send(member.core, Deliver{member.audience, seq, message});
  }
  return Outcome::kOk;
}

void Home::shorten(Channel& channel) {
  if (channel.salvage) shorten_salvage(channel);
  History& history = channel.history;
  if (history.size() <= settings_.channel_buffer_size) return;
  history_memory_ -= history.memory();
  history.keep_newest(settings_.channel_buffer_size);
  history_memory_ += history.memory();
}

// What is from before a crash makes room for what is new.
void Home::shorten_salvage(Channel& channel) {
  Salvage& salvage = *channel.salvage;
  history_memory_ -= salvage.memory();
  while (!salvage.empty() && channel.buffered() > settings_.channel_buffer_size) {
    salvage.drop_oldest();
  }
  history_memory_ += salvage.memory();
  if (salvage.empty()) channel.salvage.reset();
}

void Home::close(std::uint32_t index) {
  Channel& channel = channels_[index];
  for (const Member& member : channel.members) {
    outbox_.send(member.core, Closed{member.audience});
  }
  forget(index);
}

Home::Created Home::find_or_create(ChannelName&& name) {
  const std::uint32_t existing = find(name);
  if (existing != reactor::kNoIndex) return {existing, Outcome::kOk};
  if (memory_gate_.is_shut()) return {reactor::kNoIndex, Outcome::kMemoryFull};
  if (channel_count_.fetch_add(1, std::memory_order_relaxed) >= settings_.max_channels) {
    channel_count_.fetch_sub(1, std::memory_order_relaxed);
    return {reactor::kNoIndex, Outcome::kTooManyChannels};
  }
  const std::uint32_t index = channels_.emplace(std::move(name), Token::random(), first_number_);
  names_.insert(index);
  Channel& channel = channels_[index];
  name_memory_ += channel.name.memory();
  channel.created_s = now_s();
  channel.deadline_ms = now_ms_ + settings_.channel_timeout_ms;
  channel.announce_ms = now_ms_ + settings_.channel_timeout_ms;
  arm(index);
  announce(PresenceEvents::kChannels, kAppeared, channel.name);
  return {index, Outcome::kOk};
}

bool Home::restore(ChannelName&& name, ChannelRecord&& record, std::uint64_t lives_ms) {
  if (const std::uint32_t older = find(name); older != reactor::kNoIndex) forget(older);
  const Created created = find_or_create(std::move(name));
  if (created.outcome != Outcome::kOk) return false;
  Channel& channel = channels_[created.index];
  channel.token = record.token;
  channel.history.restart(std::max(record.next, first_number_));
  for (History& run : record.runs) {
    // After a crash all numbers begin anew above the old ones, and what is left lies below a gap.
    if (run.begin() >= first_number_ && run.next() == channel.history.next()) {
      channel.history = std::move(run);
    } else {
      if (!channel.salvage) channel.salvage = std::make_unique<Salvage>();
      channel.salvage->append(std::move(run));
    }
  }
  history_memory_ += channel.memory();
  shorten(channel);
  channel.deadline_ms = now_ms_ + lives_ms;
  arm(created.index);
  return true;
}

void Home::forget(std::uint32_t index) {
  const Channel& channel = channels_[index];
  if (tells_changes()) tell_of_end(index);
  announce(PresenceEvents::kChannels, kGone, channel.name);
  history_memory_ -= channel.memory();
  name_memory_ -= channel.name.memory();
  timers_.cancel(index);
  names_.erase(index);
  channels_.erase(index);
  channel_count_.fetch_sub(1, std::memory_order_relaxed);
}

// A message is a sign of life. The timer is not moved: it fires early and finds the new deadline.
void Home::extend_life(Channel& channel) {
  channel.deadline_ms = std::max(channel.deadline_ms, now_ms_ + settings_.channel_timeout_ms);
}

// A channel with subscribers needs a timer only to be announced, and that only if somebody listens.
void Home::arm(std::uint32_t index) {
  const Channel& channel = channels_[index];
  std::optional<std::uint64_t> due;
  if (channel.subscribers == 0) due = channel.deadline_ms;
  if (is_watched()) due = std::min(due.value_or(channel.announce_ms), channel.announce_ms);
  if (due) {
    timers_.arm(index, *due);
  } else {
    timers_.cancel(index);
  }
}

std::optional<std::uint64_t> Home::next_deadline_ms() const {
  const std::optional<std::uint64_t> timer_ms = timers_.next_due_ms(now_ms_);
  const bool broadcast_waits = !broadcasts_.empty() && broadcasts_.front().held_up_ms;
  if (pushes_.empty() && !broadcast_waits) return timer_ms;
  // Those who are waited for make no event when they have caught up.
  return std::min(timer_ms.value_or(now_ms_ + 1), now_ms_ + 1);
}

bool Home::expire(std::size_t budget) {
  for (; budget > 0; --budget) {
    const std::uint32_t index = timers_.pop_due(now_ms_);
    if (index == reactor::kNoIndex) return false;
    Channel& channel = channels_[index];
    if (channel.subscribers == 0 && channel.deadline_ms <= now_ms_) {
      close(index);  // there may be observers to be told
      continue;
    }
    if (channel.announce_ms <= now_ms_) {
      announce(PresenceEvents::kChannels, kAppeared, channel.name);
      channel.announce_ms = now_ms_ + settings_.channel_timeout_ms;
    }
    arm(index);
  }
  return true;
}

Home::Progress Home::progress() const {
  Progress progress;
  progress.broadcasts = broadcasts_.size();
  if (!broadcasts_.empty()) {
    progress.place = broadcasts_.front().next_index;
    progress.end = broadcasts_.front().end_index;
  }
  if (!pushes_.empty()) progress.pushed = pushes_.front().results;
  return progress;
}

void Home::validate() const {
  std::uint64_t history_memory = 0;
  std::uint64_t name_memory = 0;
  CHECK(names_.size() == channels_.size());
  const_cast<reactor::Slab<Channel>&>(channels_).for_each(
      [&](std::uint32_t index, const Channel& channel) {
        history_memory += channel.memory();
        name_memory += channel.name.memory();
        CHECK(names_.find(channel.name) == index);
        CHECK(trimming_from_ || channel.buffered() <= settings_.channel_buffer_size);
        CHECK(!channel.salvage || !channel.salvage->empty());
        std::uint32_t sum = 0;
        for (const Member& member : channel.members) {
          CHECK(member.count > 0);
          sum += member.count;
        }
        CHECK(sum >= channel.subscribers);  // observers have members, too
        CHECK(channel.subscribers > 0 || channel.timer.armed());
      });
  CHECK(history_memory == history_memory_);
  CHECK(name_memory == name_memory_);
}

}  // namespace comet

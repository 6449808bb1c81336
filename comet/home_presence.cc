// The half of Home that tells watchers who comes and goes: channels, and their subscribers.
#include <fmt/format.h>

#include <utility>

#include "comet/home.h"

namespace comet {
namespace {

constexpr std::size_t place(PresenceEvents events) { return static_cast<std::size_t>(events); }

}  // namespace

void Home::watch_presence(std::size_t core, PresenceEvents events) {
  if (watching_[place(events)][core]) return;
  const bool was_watched = is_watched();
  watching_[place(events)][core] = true;
  ++watchers_[place(events)];
  if (!was_watched) arming_from_ = 0;
}

void Home::unwatch_presence(std::size_t core, PresenceEvents events) {
  if (!watching_[place(events)][core]) return;
  watching_[place(events)][core] = false;
  --watchers_[place(events)];
  if (tells_changes()) return;
  changes_.clear();
  changed_.clear();
}

// Who hears of subscribers hears of channels, too.
void Home::announce(PresenceEvents events, std::string_view what, const ChannelName& name) {
  if (!is_watched()) return;
  const MessageRef line =
      MessageRef::make(Message::Type::kData, fmt::format("{} {}\n", what, name.text));
  for (std::size_t core = 0; core < settings_.cores; ++core) {
    bool watches = false;
    for (std::size_t i = place(events); i < kPresenceEvents; ++i) {
      watches = watches || watching_[i][core];
    }
    if (!watches) continue;
    if (outbox_.congested(core)) {
      cut_presence(core);
    } else {
      outbox_.send(core, Presence{events, line});
    }
  }
}

// Lines for a core that does not take them would pile up. Its watchers are ended, and so know that
// they missed something.
void Home::cut_presence(std::size_t core) {
  outbox_.send(core, PresenceCut{});
  unwatch_presence(core, PresenceEvents::kChannels);
  unwatch_presence(core, PresenceEvents::kSubscribers);
}

Home::Change& Home::change_of(std::uint32_t channel) {
  const auto [found, added] = changed_.try_emplace(channel, changes_.size());
  if (added) changes_.push_back({channel, false, false});
  return changes_[found->second];
}

void Home::tell_all_changes() {
  changed_.clear();
  for (const Change& change : std::exchange(changes_, {})) tell(change);
}

void Home::tell(const Change& change) {
  if (!change.joined && !change.left) return;  // the channel has ended, and that was told
  const Channel& channel = channels_[change.channel];
  const auto say = [&](std::string_view word) {
    announce(PresenceEvents::kSubscribers, fmt::format("{} {}", word, channel.subscribers),
             channel.name);
  };
  if (change.joined) say("join");
  if (change.left) say("leave");
}

// With a channel that ends, all its subscribers leave.
void Home::tell_of_end(std::uint32_t index) {
  Change last{index, false, false};
  if (const auto found = changed_.find(index); found != changed_.end()) {
    last = std::exchange(changes_[found->second], last);
    changed_.erase(found);
  }
  Channel& channel = channels_[index];
  if (last.joined) tell({index, true, false});
  if (channel.subscribers == 0 && !last.left) return;
  announce(PresenceEvents::kSubscribers, "leave 0", channel.name);
}

}  // namespace comet

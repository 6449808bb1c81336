#include "comet/state_transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "comet/channel_walk.h"

namespace comet {
namespace {

using reactor::Error;
using reactor::Now;
using reactor::Result;

constexpr ChannelWalk::Budget kSlice{64 * 1024, 64 << 20};

void count_broadcasts(const ChannelRecord& channel, BroadcastMemory& memory) {
  for (const History& run : channel.runs) {
    for (std::uint64_t seq = run.begin(); seq < run.next(); ++seq) {
      if (run.at(seq)->type() == Message::Type::kData) continue;
      MessageRef broadcast = run.at(seq);
      broadcast.count_in(memory);
    }
  }
}

void save_home(const Home& home, const Now& now, StateSnapshot& snapshot) {
  ChannelWalk walk(home);
  std::vector<ChannelRecord> records;
  for (bool all = false; !all && !snapshot.failed();) {
    records.clear();
    all = walk.step(now, kSlice, records);
    for (const ChannelRecord& record : records) snapshot.add(record);
  }
}

}  // namespace

Result<Restored> restore_channels(StateStore& store, const std::vector<Home*>& homes,
                                  const NameHash& hash, BroadcastMemory& broadcasts, const Now& now,
                                  std::uint64_t channel_timeout_ms) {
  Restored restored;
  std::uint64_t greatest_number = 0;
  const auto number_from = [&](const Numbering& numbering) {
    for (Home* home : homes) home->number_from(numbering.first_number);
    greatest_number = numbering.first_number - 1;
  };
  const auto restore = [&](ChannelRecord&& channel, std::int64_t saved_ms) {
    greatest_number = std::max(greatest_number, channel.next - 1);
    const std::uint64_t lives_ms =
        life_left_ms(channel, saved_ms, now.unix_s * 1000, channel_timeout_ms);
    if (lives_ms == 0) {
      ++restored.expired;
      return;
    }
    count_broadcasts(channel, broadcasts);
    ChannelName name = hash.named(channel.name);
    Home& home = *homes[home_core(name.hash, homes.size())];
    const bool fits = home.restore(std::move(name), std::move(channel), lives_ms);
    ++(fits ? restored.channels : restored.too_many);
  };
  if (auto error = store.load({number_from, restore})) return *error;
  if (auto error = store.reserve(greatest_number)) return *error;
  return restored;
}

Result<Numbering> begin_without_channels(StateStore& store, const std::vector<Home*>& homes,
                                         std::string_view name_aside) {
  const Result<Numbering> numbering = store.set_aside(name_aside);
  if (!numbering) return numbering;
  for (Home* home : homes) home->number_from(numbering->first_number);
  if (auto error = store.reserve(numbering->first_number - 1)) return *error;
  return numbering;
}

Result<StateFooter> save_channels(StateStore& store, const std::vector<Home*>& homes,
                                  const Now& now) {
  auto snapshot = store.begin_snapshot(now.unix_s * 1000, StateStore::Completeness::kStopped);
  if (!snapshot) return Error{snapshot.error()};
  for (const Home* home : homes) save_home(*home, now, **snapshot);
  if (const auto error = (*snapshot)->finish()) {
    return Error{fmt::format("state_file {} {}", store.path(), error->message)};
  }
  if (auto error = store.complete(**snapshot)) return *error;
  return (*snapshot)->written();
}

}  // namespace comet

#include "comet/state_keeper.h"

#include <fmt/chrono.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <utility>

#include "comet/channel_walk.h"

namespace comet {
namespace {

using reactor::Error;
using reactor::Now;
using reactor::Result;

constexpr ChannelWalk::Budget kSlice{64 * 1024, 64 << 20};

std::string name_aside(const Now& now) {
  return fmt::format("ignored-{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::time_t{now.unix_s}));
}

void count_broadcasts(const ChannelRecord& channel, BroadcastMemory& memory) {
  for (const History& run : channel.runs) {
    for (std::uint64_t seq = run.begin(); seq < run.next(); ++seq) {
      if (run.at(seq)->type() == Message::Type::kData) continue;
      MessageRef broadcast = run.at(seq);
      broadcast.count_in(memory);
    }
  }
}

void save_channels(const Home& home, StateSnapshot& snapshot) {
  ChannelWalk walk(home);
  std::vector<ChannelRecord> records;
  for (bool all = false; !all && !snapshot.failed();) {
    records.clear();
    all = walk.step(Now::read(), kSlice, records);
    for (const ChannelRecord& record : records) snapshot.add(record);
  }
}

}  // namespace

Result<std::unique_ptr<StateKeeper>> StateKeeper::open(const Config& config, std::size_t cores) {
  Result<std::unique_ptr<StateStore>> store = StateStore::open(config.state_file);
  if (!store) return Error{store.error()};
  return std::unique_ptr<StateKeeper>(new StateKeeper(config, cores, std::move(*store)));
}

StateStore::Loader StateKeeper::loader(const std::vector<Home*>& homes, const NameHash& hash,
                                       BroadcastMemory& broadcasts, const Now& now,
                                       Restored& restored) const {
  return {[&homes, &restored](const Numbering& numbering) {
            for (Home* home : homes) home->number_from(numbering.first_number);
            restored.greatest_number = numbering.first_number - 1;
          },
          [this, &homes, &hash, &broadcasts, &restored, &now](ChannelRecord&& channel,
                                                              std::int64_t saved_ms) {
            restored.greatest_number = std::max(restored.greatest_number, channel.next - 1);
            const std::uint64_t lives_ms =
                life_left_ms(channel, saved_ms, now.unix_s * 1000, channel_timeout_ms_);
            if (lives_ms == 0) {
              ++restored.expired;
              return;
            }
            count_broadcasts(channel, broadcasts);
            ChannelName name = hash.named(channel.name);
            Home& home = *homes[home_core(name.hash, homes.size())];
            if (home.restore(std::move(name), std::move(channel), lives_ms)) {
              ++restored.channels;
            } else {
              ++restored.too_many;
            }
          }};
}

std::optional<Error> StateKeeper::restore(StateUse use, const std::vector<Home*>& homes,
                                          const NameHash& hash, BroadcastMemory& broadcasts,
                                          const Now& now) {
  Restored restored;
  const StateStore::Loader into = loader(homes, hash, broadcasts, now, restored);
  if (use == StateUse::kPutAside) {
    const Result<Numbering> numbering = store_->set_aside(name_aside(now));
    if (!numbering) return Error{numbering.error()};
    into.number_from(*numbering);
    spdlog::warn("state_file {}: ignored; new channels begin at number {}", store_->path(),
                 numbering->first_number);
  } else {
    if (auto error = store_->load(into)) return error;
    spdlog::info("state_file {}: {} channels restored, {} had expired", store_->path(),
                 restored.channels, restored.expired);
    if (store_->numbering().after_crash) {
      spdlog::warn("state_file {}: the last run did not end well; numbers go on at {}",
                   store_->path(), store_->numbering().first_number);
    }
    if (restored.too_many > 0) {
      spdlog::warn("state_file {}: {} channels were left out, being more than front.max_channels",
                   store_->path(), restored.too_many);
    }
  }
  return store_->reserve(restored.greatest_number);
}

void StateKeeper::start(const std::vector<reactor::Waker*>& cores) {
  writer_ = std::make_unique<StateWriter>(*store_, exchange_, status_, interval_s_, cores);
  writer_->start();
}

void StateKeeper::save(const std::vector<Home*>& homes) {
  if (!writer_) return;
  writer_->stop();
  writer_.reset();
  const Now begun = Now::read();
  auto snapshot = store_->begin_snapshot(begun.unix_s * 1000, StateStore::Completeness::kStopped);
  std::optional<Error> error;
  if (!snapshot) {
    error = Error{snapshot.error()};
  } else {
    for (const Home* home : homes) save_channels(*home, **snapshot);
    error = (*snapshot)->finish();
    if (error) error->message = fmt::format("state_file {} {}", store_->path(), error->message);
    if (!error) error = store_->complete(**snapshot);
  }
  if (error) {
    spdlog::error("{}; the next start goes on from the snapshot before", error->message);
    return;
  }
  spdlog::info("state_file {}: {} channels saved in {} ms", store_->path(),
               (*snapshot)->written().channels, Now::read().monotonic_ms() - begun.monotonic_ms());
}

}  // namespace comet

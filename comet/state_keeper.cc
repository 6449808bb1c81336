#include "comet/state_keeper.h"

#include <fmt/chrono.h>
#include <spdlog/spdlog.h>

#include <ctime>
#include <string>
#include <utility>

#include "comet/state_transfer.h"

namespace comet {
namespace {

using reactor::Error;
using reactor::Now;
using reactor::Result;

std::string name_aside(const Now& now) {
  return fmt::format("ignored-{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::time_t{now.unix_s}));
}

}  // namespace

Result<std::unique_ptr<StateKeeper>> StateKeeper::open(const Config& config, std::size_t cores) {
  Result<std::unique_ptr<StateStore>> store = StateStore::open(config.state_file);
  if (!store) return Error{store.error()};
  return std::unique_ptr<StateKeeper>(new StateKeeper(config, cores, std::move(*store)));
}

std::optional<Error> StateKeeper::restore(StateUse use, const std::vector<Home*>& homes,
                                          const NameHash& hash, BroadcastMemory& broadcasts,
                                          const Now& now) {
  if (use == StateUse::kPutAside) {
    const Result<Numbering> numbering = begin_without_channels(*store_, homes, name_aside(now));
    if (!numbering) return Error{numbering.error()};
    spdlog::warn("state_file {}: ignored; new channels begin at number {}", store_->path(),
                 numbering->first_number);
    return std::nullopt;
  }
  const Result<Restored> restored =
      restore_channels(*store_, homes, hash, broadcasts, now, channel_timeout_ms_);
  if (!restored) return Error{restored.error()};
  spdlog::info("state_file {}: {} channels restored, {} had expired", store_->path(),
               restored->channels, restored->expired);
  if (store_->numbering().after_crash) {
    spdlog::warn("state_file {}: the last run did not end well; numbers go on at {}",
                 store_->path(), store_->numbering().first_number);
  }
  if (restored->too_many > 0) {
    spdlog::warn("state_file {}: {} channels were left out, being more than front.max_channels",
                 store_->path(), restored->too_many);
  }
  return std::nullopt;
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
  const Result<StateFooter> written = save_channels(*store_, homes, begun);
  if (!written) {
    spdlog::error("{}; the next start goes on from the snapshot before", written.error());
    return;
  }
  spdlog::info("state_file {}: {} channels saved in {} ms", store_->path(), written->channels,
               Now::read().monotonic_ms() - begun.monotonic_ms());
}

}  // namespace comet

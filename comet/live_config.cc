#include "comet/live_config.h"

#include <utility>

namespace comet {

reactor::Result<std::unique_ptr<const Snapshot>> Snapshot::make(LoadedConfig loaded) {
  auto admission = Admission::make(loaded.config);
  if (!admission) return reactor::Error{admission.error()};
  return std::make_unique<const Snapshot>(Snapshot{std::move(loaded), std::move(*admission)});
}

LiveConfig::LiveConfig(std::unique_ptr<const Snapshot> first, std::size_t cores)
    : in_use_(cores), newest_(first.get()) {
  for (auto& snapshot : in_use_) snapshot.store(first.get(), std::memory_order_relaxed);
  snapshots_.push_back(std::move(first));
}

void LiveConfig::adopted(std::size_t core, const Snapshot& snapshot) {
  in_use_[core].store(&snapshot, std::memory_order_release);
  in_use_[core].notify_one();
}

void LiveConfig::publish(std::unique_ptr<const Snapshot> next) {
  snapshots_.push_back(std::move(next));
  newest_.store(snapshots_.back().get(), std::memory_order_release);
}

void LiveConfig::await_adoption() {
  const Snapshot* const newest = snapshots_.back().get();
  for (auto& in_use : in_use_) {
    for (const Snapshot* seen = in_use.load(std::memory_order_acquire); seen != newest;
         seen = in_use.load(std::memory_order_acquire)) {
      in_use.wait(seen, std::memory_order_acquire);
    }
  }
  snapshots_.erase(snapshots_.begin(), snapshots_.end() - 1);
}

}  // namespace comet

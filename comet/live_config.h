// The configuration in force, replaced under way without a lock.
//
// Owned by the server. The owner's thread publishes a snapshot; each core looks for a newer one at
// the top of its turn, takes over what follows from it, and says so. Within a turn a core sees one
// configuration. A snapshot lives until every core has said that it uses a newer one.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "comet/admission.h"
#include "comet/loaded_config.h"
#include "reactor/result.h"

namespace comet {

// A configuration, with what all cores derive from it alike. Immutable.
struct Snapshot {
  static reactor::Result<std::unique_ptr<const Snapshot>> make(LoadedConfig loaded);

  [[nodiscard]] const Config& config() const { return loaded.config; }

  LoadedConfig loaded;
  Admission admission;
};

class LiveConfig {
 public:
  LiveConfig(std::unique_ptr<const Snapshot> first, std::size_t cores);

  // --- Any core.
  // Asked in every turn: one load.
  [[nodiscard]] const Snapshot& newest() const { return *newest_.load(std::memory_order_acquire); }
  // Core `core` holds no reference to an older snapshot any more.
  void adopted(std::size_t core, const Snapshot& snapshot);

  // --- The owner's thread.
  void publish(std::unique_ptr<const Snapshot> next);
  // Waits until every core has adopted the newest, and frees the others. Each core must have a turn
  // for that, so the caller wakes them between publish() and this.
  void await_adoption();
  [[nodiscard]] std::size_t alive() const { return snapshots_.size(); }

 private:
  std::vector<std::unique_ptr<const Snapshot>> snapshots_;  // the newest comes last
  std::vector<std::atomic<const Snapshot*>> in_use_;        // by core; written at a reload only
  // On a line of its own: every core reads it in every turn.
  alignas(64) std::atomic<const Snapshot*> newest_;
};

}  // namespace comet

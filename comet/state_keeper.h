// Everything about the state of one server: restored at the start, saved now and then, saved whole
// at the end.
//
// Owned by the server; its methods are main's. While cores run they see the exchange and the
// status only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "comet/config.h"
#include "comet/home.h"
#include "comet/name.h"
#include "comet/state_exchange.h"
#include "comet/state_status.h"
#include "comet/state_store.h"
#include "comet/state_use.h"
#include "comet/state_writer.h"
#include "reactor/clock.h"
#include "reactor/result.h"

namespace comet {

class StateKeeper {
 public:
  static reactor::Result<std::unique_ptr<StateKeeper>> open(const Config& config,
                                                            std::size_t cores);

  // Before cores run. `homes` is by core; they have no channels yet.
  std::optional<reactor::Error> restore(StateUse use, const std::vector<Home*>& homes,
                                        const NameHash& hash, BroadcastMemory& broadcasts,
                                        const reactor::Now& now);
  // Snapshots, from now on. `cores` by core.
  void start(const std::vector<reactor::Waker*>& cores);
  // When the cores have ended: nothing is published any more.
  void save(const std::vector<Home*>& homes);

  StateExchange& exchange() { return exchange_; }
  [[nodiscard]] const StateStatus& status() const { return status_; }

 private:
  StateKeeper(const Config& config, std::size_t cores, std::unique_ptr<StateStore> store)
      : channel_timeout_ms_(std::uint64_t{config.front.channel_timeout_s} * 1000),
        interval_s_(config.state_interval_s),
        store_(std::move(store)),
        exchange_(cores) {}

  const std::uint64_t channel_timeout_ms_;
  const std::uint32_t interval_s_;
  const std::unique_ptr<StateStore> store_;
  StateExchange exchange_;
  StateStatus status_;
  std::unique_ptr<StateWriter> writer_;
};

}  // namespace comet

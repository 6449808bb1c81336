// Channels from a state into homes, and back: before the cores run, and when they have ended.
//
// Called by main; no core runs meanwhile. Homes are by core, and any number of them takes what
// another number has saved.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "comet/home.h"
#include "comet/message.h"
#include "comet/name.h"
#include "comet/state_store.h"
#include "reactor/clock.h"
#include "reactor/result.h"

namespace comet {

struct Restored {
  std::uint64_t channels = 0;
  std::uint64_t expired = 0;   // while the server was away
  std::uint64_t too_many = 0;  // for max_channels
};

// Puts every saved channel in place and reserves numbers behind them. The homes have no channels
// yet.
reactor::Result<Restored> restore_channels(StateStore& store, const std::vector<Home*>& homes,
                                           const NameHash& hash, BroadcastMemory& broadcasts,
                                           const reactor::Now& now,
                                           std::uint64_t channel_timeout_ms);
// Instead: what is there is kept under another name, and numbers go on behind it.
reactor::Result<Numbering> begin_without_channels(StateStore& store,
                                                  const std::vector<Home*>& homes,
                                                  std::string_view name_aside);

// A snapshot after which nothing is published, and the ledger that says so, last.
reactor::Result<StateFooter> save_channels(StateStore& store, const std::vector<Home*>& homes,
                                           const reactor::Now& now);

}  // namespace comet

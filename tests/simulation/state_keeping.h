// The part of a simulated server that keeps its state: what a server has, but for the thread that
// writes and the file system.
//
// Owned by a simulation. The disk outlives the server's lives; everything else is of the current
// one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "comet/state_exchange.h"
#include "comet/state_reporter.h"
#include "comet/state_scribe.h"
#include "comet/state_status.h"
#include "comet/state_store.h"
#include "reactor/waker.h"
#include "tests/support/hub_world.h"
#include "tests/support/memory_disk.h"

namespace simulation {

class StateKeeping {
 public:
  StateKeeping(support::HubWorld& world, comet::StateStore::Steps steps,
               std::uint32_t snapshot_interval_s)
      : world_(world), steps_(steps), interval_s_(snapshot_interval_s) {}

  // --- The server's life. When it starts, the world's hubs have no channels, and get those that
  // are on the disk. What could not be done is a Violation.
  void start();
  // All hubs are at rest. False when not all of it is on the disk.
  bool save();
  // It is gone, whether it has saved or not.
  void end();

  // --- Meanwhile.
  void begin_turn(std::size_t core);
  // Whether that core is to have a turn for it at once.
  [[nodiscard]] bool has_work(std::size_t core) const { return life_->reporters[core]->has_work(); }
  // A turn of the writer's.
  void write();
  // The snapshot that is wanted, counted from 1 in every life; those that are on the disk.
  [[nodiscard]] std::uint64_t wanted() const { return life_->exchange.snapshot.load(); }
  [[nodiscard]] std::uint64_t taken() const { return life_->status.snapshots.load(); }
  // From there on no core may give out numbers, when its next turn has begun.
  [[nodiscard]] std::uint64_t ceiling() const { return life_->exchange.ceiling.load(); }
  // The last snapshot that the disk has.
  [[nodiscard]] std::optional<std::string> on_disk() const;
  // As the disk has it.
  [[nodiscard]] std::uint64_t ceiling_on_disk() const;
  [[nodiscard]] const comet::Numbering& numbering() const { return life_->store.numbering(); }

  support::Platter& platter() { return platter_; }
  // A fault to plant: a part of a snapshot on its way to the writer.
  std::function<void(comet::StateSlice&)> distort_slice;

 private:
  struct Life {
    Life(std::size_t cores, support::Platter& platter, comet::StateStore::Steps steps);
    comet::StateStore store;
    comet::StateExchange exchange;
    comet::StateStatus status;
    reactor::Waker writer;
    std::vector<std::unique_ptr<comet::StateReporter>> reporters;  // by core
    std::unique_ptr<comet::StateScribe> scribe;
  };

  [[nodiscard]] std::vector<comet::Home*> homes();

  support::HubWorld& world_;
  const comet::StateStore::Steps steps_;
  const std::uint32_t interval_s_;
  support::Platter platter_;
  std::unique_ptr<Life> life_;
};

}  // namespace simulation

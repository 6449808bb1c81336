// What the state's writer does: takes snapshots on time, and reserves numbers before they run out.
//
// Owned by the writer and run by its thread alone; it turns when it is told to. A disk that fails
// never stops the service: the error is logged and counted, the old file stays, and it is tried
// again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "comet/state_exchange.h"
#include "comet/state_status.h"
#include "comet/state_store.h"
#include "reactor/clock.h"
#include "reactor/waker.h"

namespace comet {

class StateScribe {
 public:
  // `interval_s` 0: no snapshots but the one that the server takes when it has stopped. Those to
  // wake are the cores that wait for orders; the exchange knows how many there are.
  StateScribe(StateStore& store, StateExchange& exchange, StateStatus& status,
              std::uint32_t interval_s, std::vector<reactor::Waker*> cores,
              const reactor::Now& now);

  void turn(const reactor::Now& now);
  // Is there something to do at once? Asked before it sleeps, too.
  [[nodiscard]] bool has_work() const;
  [[nodiscard]] std::optional<std::uint64_t> next_deadline_us() const;
  // The snapshot that is being taken is given up.
  void abandon() { snapshot_.reset(); }

 private:
  void reserve_numbers();
  void publish_ceiling();
  void begin_snapshot();
  void receive(std::size_t core);
  void finish_snapshot();
  void wake_cores();
  [[nodiscard]] bool numbers_short() const;

  StateStore& store_;
  StateExchange& exchange_;
  StateStatus& status_;
  const std::uint64_t interval_us_;
  const std::vector<reactor::Waker*> cores_;
  reactor::Now now_;
  std::optional<std::uint64_t> next_snapshot_us_;
  std::uint64_t reserve_again_us_ = 0;  // a ledger that could not be written rests until then
  std::uint64_t begun_us_ = 0;
  std::size_t cores_missing_ = 0;  // of the snapshot that is being taken
  // While cores are missing. One that failed drops what is added to it.
  std::unique_ptr<StateSnapshot> snapshot_;
};

}  // namespace comet

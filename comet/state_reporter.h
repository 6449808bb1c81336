// A core's part in saving: hands its channels to the state's writer, a slice in each turn, and
// tells it when numbers are running short.
//
// Owned by a worker; runs on its core. A slice takes a fraction of a millisecond whatever its
// channels hold, because messages are handed over as references; the writer makes bytes of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "comet/channel_walk.h"
#include "comet/home.h"
#include "comet/state_exchange.h"
#include "reactor/clock.h"

namespace comet {

class StateReporter {
 public:
  StateReporter(Home& home, StateExchange& exchange, std::size_t core)
      : home_(home), exchange_(exchange), out_(*exchange.from_cores[core]) {}

  // Once a turn.
  void begin_turn(const reactor::Now& now);
  // Is there something to do for the next turn, at once? Asked when about to sleep, too.
  [[nodiscard]] bool has_work() const {
    return exchange_.snapshot.load(std::memory_order_acquire) != snapshot_ ||
           (walk_ && !retry_us_) || has_news_of_numbers();
  }
  // When a turn must begin even so: a full queue makes no event when it has room again.
  [[nodiscard]] std::optional<std::uint64_t> next_deadline_us() const { return retry_us_; }

 private:
  void walk(const reactor::Now& now);
  void report_numbers();
  [[nodiscard]] bool has_news_of_numbers() const { return home_.greatest_watched() > reported_; }

  Home& home_;
  StateExchange& exchange_;
  StateExchange::FromCore& out_;
  std::uint64_t snapshot_ = 0;    // the last one that was begun
  std::uint64_t watch_from_ = 0;  // the order that home_ has
  std::uint64_t reported_ = 0;    // the greatest number that the writer was told
  std::optional<ChannelWalk> walk_;
  StateSlice slice_;
  bool full_ = false;  // slice_ waits for room
  std::optional<std::uint64_t> retry_us_;
};

}  // namespace comet

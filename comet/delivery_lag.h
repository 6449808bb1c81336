// From the receipt of a message to the moment when everybody on this core who could take it has it.
//
// Owned by Audiences. A sweep's pass says which messages it brought to everybody; how late that
// was is known when the loop reads the clock at the end of the turn, so that the hub reads none.
#pragma once

#include <cstdint>
#include <vector>

#include "comet/message.h"
#include "reactor/histogram.h"

namespace comet {

class DeliveryLag {
 public:
  // HOT: once per message and core. Everybody who is not blocked has been sent the message.
  void delivered(const Message& message) {
    const std::uint32_t received = message.received_us_low();
    // Messages that came in one turn leave in one pass, as a rule.
    if (in_turn_.empty() || in_turn_.back().received_us_low != received) {
      in_turn_.push_back({received, 0});
    }
    ++in_turn_.back().messages;
  }

  // HOT: once per turn.
  void turn_ended(std::uint64_t now_us) {
    for (const Batch& batch : in_turn_) {
      lag_us_.record(static_cast<std::uint32_t>(now_us) - batch.received_us_low, batch.messages);
    }
    in_turn_.clear();
  }

  [[nodiscard]] const reactor::Histogram& lag_us() const { return lag_us_; }

 private:
  struct Batch {
    std::uint32_t received_us_low;
    std::uint32_t messages;
  };

  std::vector<Batch> in_turn_;
  reactor::Histogram lag_us_;
};

}  // namespace comet

// A request with many messages in a simulation: its body, and what must be said of each.
//
// Owned by a simulation; stays where it is. What the hubs do with it is the server's own PushBatch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "comet/push_batch.h"
#include "tests/simulation/dice.h"
#include "tests/support/hub_world.h"

namespace simulation {

class Batch {
 public:
  // Names and contents are as in JSON.
  struct Entry {
    std::string name;
    std::string content;
    std::string fault{};                       // it is refused before any home hears of it
    std::optional<comet::PushResult> given{};  // by its home
  };

  Batch(std::vector<Entry>&& entries, comet::PushForm form, const support::HubWorld& world,
        std::size_t core);

  [[nodiscard]] std::size_t core() const { return core_; }
  Entry& entry(std::size_t place) { return entries_[place]; }
  // Those that a home is to publish, in order.
  [[nodiscard]] std::vector<std::size_t> entries_of(std::size_t home,
                                                    const support::HubWorld& world) const;
  std::vector<comet::PushOrder> take_orders(std::size_t cores) { return batch_.take_orders(cores); }

  // What reaches the core that asked.
  void add(std::size_t home, const comet::PushReport& report) { batch_.add(home, report); }
  // Compares the answer, if there is one by now, with what was given.
  void look_for_answer();
  [[nodiscard]] bool is_answered() const { return answered_; }
  // Nobody waits for it any more.
  void abandon() { answered_ = true; }

 private:
  [[nodiscard]] std::string expected_answer() const;

  std::vector<Entry> entries_;
  std::size_t core_;
  comet::PushBatch batch_;
  bool answered_ = false;
};

}  // namespace simulation

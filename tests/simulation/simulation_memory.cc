// The part of Simulation that gives the server a budget of memory, and takes it away again.
#include <algorithm>
#include <array>

#include "tests/simulation/simulation.h"
#include "tests/simulation/violation.h"

namespace simulation {

std::uint64_t Simulation::memory_of(std::size_t core) {
  return world_.hub_as_it_is(core).memory().total();
}

// As a reload may do at any time.
void Simulation::limit_memory(Dice& dice) {
  std::uint64_t used = 0;
  for (std::size_t core = 0; core < world_.cores(); ++core) used += memory_of(core);
  memory_budget_ = dice.one_of(std::array<std::uint64_t, 5>{
      0, 0, used - used / 8, used + 1 + dice.below(4000), used + used / 10});
  note(journal_, "      a budget of {} bytes, of which {} are in use", memory_budget_, used);
  if (memory_budget_ > 0) has_room_ = false;  // those who are slow may be kept less
}

// What a core finds when its turn begins, and what it must make of it.
void Simulation::look_at_memory(std::size_t core) {
  comet::Hub& hub = world_.hub_as_it_is(core);
  if (saboteur_.keeps_news_of_memory(core)) return;
  const std::uint64_t used =
      memory_budget_ == 0 ? 0 : memory_of(core) + memory_board_->all_but(core);
  hub.limit_memory(memory_budget_, used);
}

void Simulation::check_memory(std::size_t core) {
  budgets_[core] = memory_budget_;
  if (memory_budget_ == 0) {
    short_[core] = false;
  } else {
    const std::uint64_t used = memory_of(core) + memory_board_->all_but(core);
    const std::uint64_t enough =
        short_[core] ? memory_budget_ - memory_budget_ / 16 : memory_budget_;
    short_[core] = used >= enough;
  }
  const comet::MemoryGate& gate = world_.hub_as_it_is(core).memory_gate();
  INVARIANT(gate.is_shut() == short_[core], "core {} {}", core,
            short_[core] ? "has no memory left and goes on" : "has memory again and refuses");
}

}  // namespace simulation

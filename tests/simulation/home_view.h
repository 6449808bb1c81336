// What a simulation knows of one home beside its channels: where they stand in its table, and how
// far it has come with what takes it several turns.
//
// A value. It is true as of the last look, which follows everything that the home does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "comet/home.h"

namespace simulation {

class Batch;

struct HomeView {
  // A place of the table.
  struct Slot {
    std::optional<std::size_t> name;  // in kNames; none: no channel
    std::uint32_t generation = 0;
  };
  // A batch's order that the home has, and how much of it is done.
  struct Pushing {
    Batch* batch;
    std::vector<std::size_t> entries;
    std::size_t done = 0;
  };

  std::vector<Slot> slots;
  std::deque<std::string> spreading;  // broadcasts that have not reached all
  std::uint32_t place = 0;            // of the first, as comet::Home::Progress has it
  std::optional<std::uint32_t> end;
  std::deque<Pushing> pushing;
  bool shortens =
      false;  // its channels, at the end of its turn: a reload may have made them too long
};

}  // namespace simulation

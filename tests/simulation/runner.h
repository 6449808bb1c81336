// Runs simulations in processes of their own, finds seeds that fail, and makes failures short.
//
// A hub whose CHECK fails, a sanitizer's report and a loop without end all end a child, not the
// one who asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/simulation/journal.h"
#include "tests/simulation/planted_fault.h"
#include "tests/simulation/script.h"

namespace simulation {

struct Outcome {
  bool failed = false;
  std::string said;      // the journal, and what went wrong
  bool stopped = false;  // by the clock, or by somebody else: it says nothing about the hubs
};

// One script, from beginning to end. `luck` decides when the fault happens.
Outcome run(const Plan& plan, Fault fault, std::uint64_t luck, Journal journal);
Outcome run_seed(std::uint64_t seed, Fault fault, Journal journal);

struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t count = 1;
};

// Tries them in order, on that many cores. Nothing if all pass; otherwise the lowest of those that
// were found to fail.
std::optional<std::uint64_t> find_failure(Seeds seeds, Fault fault, unsigned jobs);

// A script that fails as well, from which nothing can be left out that is easily found.
Plan shrink(Plan plan, Fault fault, std::uint64_t luck);

// What happened, for a person: the shortest script found, with its journal, and how to repeat it.
std::string report(std::uint64_t seed, Fault fault);

}  // namespace simulation

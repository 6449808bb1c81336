// comet-sim: simulations by hand. `make sim SEED=n` tells one, `make sim SEEDS=n` tries many.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "tests/simulation/runner.h"

namespace simulation {
namespace {

std::vector<std::string> fault_names() {
  std::vector<std::string> names;
  for (const FaultRow& row : faults()) names.emplace_back(row.name);
  return names;
}

Fault fault_of(const std::string& name) {
  for (const FaultRow& row : faults()) {
    if (row.name == name) return row.fault;
  }
  return Fault::kNone;
}

int tell(std::uint64_t seed, Fault fault) {
  const Outcome outcome = run_seed(seed, fault, Journal::kOn);
  std::fputs(outcome.said.c_str(), stdout);
  if (!outcome.failed) {
    std::printf("seed %llu passes\n", static_cast<unsigned long long>(seed));
    return 0;
  }
  std::printf("\n%s", report(seed, fault).c_str());
  return 1;
}

// For a program with a fault in it: success is that the fault is found.
int prove(Seeds seeds, Fault fault, unsigned jobs) {
  const auto failing = find_failure(seeds, fault, jobs);
  if (!failing) {
    std::printf("%llu seeds pass, and one should not\n",
                static_cast<unsigned long long>(seeds.count));
    return 1;
  }
  const Outcome outcome = run_seed(*failing, fault, Journal::kOff);
  const bool found = outcome.failed && !outcome.stopped;
  std::printf("%s by seed %llu: %s", found ? "found" : "not found, but stopped",
              static_cast<unsigned long long>(*failing), outcome.said.c_str());
  return found ? 0 : 1;
}

int search(Seeds seeds, Fault fault, unsigned jobs) {
  if (const auto failing = find_failure(seeds, fault, jobs)) {
    std::fputs(report(*failing, fault).c_str(), stdout);
    return 1;
  }
  std::printf("%llu seeds pass\n", static_cast<unsigned long long>(seeds.count));
  return 0;
}

}  // namespace
}  // namespace simulation

int main(int argc, char** argv) {
  CLI::App app("comet-sim: several cores in one thread, under a seeded scheduler");
  std::uint64_t seed = 0;
  simulation::Seeds seeds{1, 10'000};
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
  std::string fault_name;
  bool must_fail = false;
  const auto* one = app.add_option("--seed", seed, "tell what happens with this one");
  app.add_option("--seeds", seeds.count, "how many to try");
  app.add_option("--first", seeds.first, "the first of them");
  app.add_option("--jobs", jobs, "processes");
  app.add_option("--fault", fault_name, "plant this one (tests/simulation/README.md)")
      ->check(CLI::IsMember(simulation::fault_names()));
  app.add_flag("--must-fail", must_fail, "succeed if one of them fails");
  CLI11_PARSE(app, argc, argv);
  const simulation::Fault fault = simulation::fault_of(fault_name);
  if (must_fail) return simulation::prove(seeds, fault, jobs);
  return one->count() > 0 ? simulation::tell(seed, fault) : simulation::search(seeds, fault, jobs);
}

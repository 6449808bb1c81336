// Can this machine hold so many subscribers? Facts in, diagnoses out: what `--doctor` prints.
//
// A function of its arguments: reactor/host_facts.h reads the facts, comet/doctor_report.h writes
// the diagnoses. A table of checks, one for each thing that can be too small.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "comet/config.h"
#include "reactor/host_facts.h"

namespace comet {

// What is to be held, and by what.
struct Load {
  std::uint64_t subscribers = 0;
  std::uint64_t reactors = 1;
  std::uint64_t cpus = 1;
  std::uint64_t descriptors_kept = 0;  // those that are not connections
  std::uint64_t polling_timeout_s = 30;
  // Of the configuration.
  std::uint64_t max_channels = reactor::kUnlimited;
  std::uint64_t max_subscribers_per_channel = reactor::kUnlimited;
  std::uint64_t max_connections = reactor::kUnlimited;
  std::uint64_t max_memory = reactor::kUnlimited;
};

// What the configuration makes of it on so many CPUs.
Load load_of(std::uint64_t subscribers, const Config& config, std::uint64_t cpus);

// From best to worst. Tight: it will do at rest, but not at the worst of moments.
enum class Verdict : std::uint8_t { kFine, kUnknown, kTight, kInTheWay };
std::string_view to_string(Verdict verdict);

enum class Unit : std::uint8_t { kCount, kBytes, kPages, kCpuMillis };

struct Diagnosis {
  std::string_view what;  // in the words of who sets it: "fs.nr_open"
  Unit unit = Unit::kCount;
  reactor::Fact current;  // absent: not known
  std::uint64_t needed = 0;
  Verdict verdict = Verdict::kFine;
  std::string_view why;  // a sentence: what happens beyond it
  std::string remedy;    // what sets it, ready to be typed where there is such a command
};

// In the order in which to mend them: a limit is raised before what it limits.
std::vector<Diagnosis> examine(const Load& load, const reactor::HostFacts& facts);

// kInTheWay if anything is, else kTight if anything is, else kFine: what is not known does not
// count.
Verdict worst(std::span<const Diagnosis> diagnoses);

}  // namespace comet

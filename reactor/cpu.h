// The CPUs that the process may run on.
#pragma once

#include <cstddef>
#include <vector>

namespace reactor {

// By sched_getaffinity(2): respects taskset, cpusets and containers.
std::vector<int> allowed_cpus();

// Pins the calling thread to one CPU; a refusal is not an error, only slower.
void pin_this_thread(int cpu);

}  // namespace reactor

// Runs the hot paths for callgrind to count their instructions: see perf/instructions.md.
//
// Without argument it runs each path N times and then 2 N times, and has callgrind dump its
// counters after both; the difference is N operations without what comes before and after them. It
// prints a line for each path: its name, the N operations and what one of them is.
// perf/instructions puts both together.
//
// With --toolchain it prints what the numbers depend on besides our own code, or says why this
// build has no numbers worth comparing and returns 77, which ctest takes for "skipped".
#include <cstdio>
#include <string>
#include <string_view>

#include "perf/paths/paths.h"
#include "perf/toolchain.h"

namespace {

constexpr int kSkipped = 77;

void run(std::span<const perf::Path> paths) {
  for (const perf::Path& path : paths) {
    perf::Meter meter(path.name, path.iterations);
    path.run(meter);
    std::printf("%s\t%llu\t%s\n", std::string(path.name).c_str(),
                static_cast<unsigned long long>(path.iterations * path.operations),
                std::string(path.operation).c_str());
  }
}

int print_toolchain() {
  const perf::Toolchain toolchain = perf::toolchain();
  const bool counts = toolchain.why_not.empty();
  std::puts((counts ? toolchain.name : toolchain.why_not).c_str());
  return counts ? 0 : kSkipped;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view argument = argc > 1 ? argv[1] : "";
  if (argc > 2 || (argc == 2 && argument != "--toolchain")) {
    std::fputs("usage: comet-instructions [--toolchain]\n", stderr);
    return 2;
  }
  if (argc == 2) return print_toolchain();
  run(perf::paths_of_bytes());
  run(perf::paths_of_hubs());
  run(perf::paths_of_cores());
  return 0;
}

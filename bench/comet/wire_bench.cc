#include "comet/wire.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>

#include "bench/support/one_core.h"

namespace {

// An iteration: one send() through the interface, as a sweep does it, to a wire that does nothing.
// The price of the seam that keeps system calls out of the hub.
void wire_send(benchmark::State& state) {
  const std::unique_ptr<comet::Wire> wire = std::make_unique<bench::SwallowingWire>();
  comet::Wire* seam = wire.get();
  const std::string bytes(160, 'x');
  std::uint32_t session = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(seam);  // so that the call stays one through the table
    benchmark::DoNotOptimize(seam->send(session++, bytes));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(wire_send);

}  // namespace

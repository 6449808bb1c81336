#include "reactor/socket.h"

#include <benchmark/benchmark.h>

#include <array>
#include <string>

#include "bench/support/socket_pair.h"

namespace {

// The peer reads after so many sends, outside of the measured time.
constexpr int kDrainEvery = 64;

// An iteration: one send(2) of one buffer into a TCP connection over loopback whose peer sleeps.
// What a delivery costs at least, the kernel's part included.
void socket_send(benchmark::State& state) {
  bench::SocketPair pair;
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  int sends = 0;
  for (auto _ : state) {
    const reactor::IoResult result = reactor::send(pair.server(), bytes);
    CHECK(result.status == reactor::IoResult::Status::kOk);
    if (++sends % kDrainEvery == 0) {
      state.PauseTiming();
      pair.drain();
      state.ResumeTiming();
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(socket_send)->ArgName("bytes")->Arg(160)->Arg(4096);

// An iteration: one recv(2) of which nothing comes.
void socket_receive_nothing(benchmark::State& state) {
  bench::SocketPair pair;
  std::array<char, 4096> into;
  for (auto _ : state) {
    const reactor::IoResult result = reactor::receive(pair.server(), into);
    CHECK(result.status == reactor::IoResult::Status::kWouldBlock);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(socket_receive_nothing);

}  // namespace

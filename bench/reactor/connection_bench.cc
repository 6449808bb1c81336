#include "reactor/connection.h"

#include <benchmark/benchmark.h>

#include <string>

#include "bench/support/socket_pair.h"

namespace {

constexpr int kDrainEvery = 64;

template <class Send>
void send_through(benchmark::State& state, Send send) {
  bench::SocketPair pair;
  reactor::Connection connection(pair.take_server());
  const std::string bytes(160, 'x');
  int sends = 0;
  for (auto _ : state) {
    CHECK(send(connection, bytes));
    if (++sends % kDrainEvery == 0) {
      state.PauseTiming();
      pair.drain();
      state.ResumeTiming();
    }
  }
  state.SetItemsProcessed(state.iterations());
}

// An iteration: 160 bytes through send(). Should take what socket_send takes.
void connection_send(benchmark::State& state) {
  send_through(state, [](reactor::Connection& connection, const std::string& bytes) {
    return connection.send(bytes).status == reactor::IoResult::Status::kOk;
  });
}
BENCHMARK(connection_send);

// An iteration: the same through write(), which would keep what the kernel does not take.
void connection_write(benchmark::State& state) {
  send_through(state, [](reactor::Connection& connection, const std::string& bytes) {
    return connection.write(bytes) == IoResult::Status::kOk && connection.unsent() == 0;
  });
}
BENCHMARK(connection_write);

}  // namespace

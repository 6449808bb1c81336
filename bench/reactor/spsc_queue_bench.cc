#include "reactor/spsc_queue.h"

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <thread>

namespace {

using Element = std::array<std::uint64_t, 8>;  // about a hub's message

// An iteration: one element through the queue, both ends on this thread.
void spsc_queue_push_pop(benchmark::State& state) {
  reactor::SpscQueue<Element> queue(1024);
  Element element{};
  for (auto _ : state) {
    queue.push(Element(element));
    element[0] += queue.front()->at(0) + 1;
    queue.pop();
  }
  benchmark::DoNotOptimize(element);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(spsc_queue_push_pop);

// An iteration: 512 elements in, then 512 out, as a core's turn finds them.
void spsc_queue_batch(benchmark::State& state) {
  constexpr int kBatch = 512;
  reactor::SpscQueue<Element> queue(1024);
  std::uint64_t sum = 0;
  for (auto _ : state) {
    for (int i = 0; i < kBatch; ++i) queue.push(Element{1});
    while (Element* element = queue.front()) {
      sum += (*element)[0];
      queue.pop();
    }
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(spsc_queue_batch);

// Spins, as both threads are expected to run; gives way where they share a CPU.
std::uint64_t take(reactor::SpscQueue<Element>& queue) {
  for (int spins = 0;; ++spins) {
    if (Element* element = queue.front()) {
      const std::uint64_t value = (*element)[0];
      queue.pop();
      return value;
    }
    if (spins % 4096 == 4095) std::this_thread::yield();
  }
}

// An iteration: one element to another thread, and its echo back. Twice the way of a line of cache
// from core to core.
void spsc_queue_two_threads_round_trip(benchmark::State& state) {
  constexpr std::uint64_t kStop = 0;
  reactor::SpscQueue<Element> there(1024);
  reactor::SpscQueue<Element> back(1024);
  std::thread echo([&] {
    while (const std::uint64_t value = take(there)) back.push(Element{value});
  });
  std::uint64_t value = 1;
  for (auto _ : state) {
    there.push(Element{value});
    value = take(back);
  }
  there.push(Element{kStop});
  echo.join();
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(spsc_queue_two_threads_round_trip)->UseRealTime();

// An iteration: 256 elements to another thread, which echoes the last of them.
void spsc_queue_two_threads_stream(benchmark::State& state) {
  constexpr std::uint64_t kStop = 0;
  constexpr std::uint64_t kEcho = 2;
  constexpr int kBatch = 256;
  reactor::SpscQueue<Element> there(1024);
  reactor::SpscQueue<Element> back(1024);
  std::thread echo([&] {
    while (const std::uint64_t value = take(there)) {
      if (value == kEcho) back.push(Element{value});
    }
  });
  for (auto _ : state) {
    for (int i = 1; i < kBatch; ++i) there.push(Element{1});
    there.push(Element{kEcho});
    take(back);
  }
  there.push(Element{kStop});
  echo.join();
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(spsc_queue_two_threads_stream)->UseRealTime();

}  // namespace

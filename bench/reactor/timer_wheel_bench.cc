#include "reactor/timer_wheel.h"

#include <benchmark/benchmark.h>

#include <cstdint>

namespace {

struct Timed {
  reactor::TimerLink timer;
};

// A wheel on which `armed` objects wait for a time within the next half minute.
struct Wheel {
  explicit Wheel(std::int64_t armed) {
    for (std::int64_t i = 0; i < armed; ++i) {
      const std::uint32_t index = slab.emplace();
      wheel.arm(index, now_ms + 1000 + static_cast<std::uint64_t>(i) * 7919 % 29'000);
    }
  }

  std::uint64_t now_ms = 1'000'000;
  reactor::Slab<Timed> slab;
  reactor::TimerWheel<Timed, &Timed::timer> wheel{slab, now_ms};
};

// An iteration: a timer is moved, as every request moves the timeout of its connection.
void timer_wheel_move(benchmark::State& state) {
  Wheel w(state.range(0));
  std::uint32_t index = 0;
  const auto objects = static_cast<std::uint32_t>(state.range(0));
  for (auto _ : state) {
    w.wheel.arm(index, w.now_ms + 30'000);
    index = (index + 1) % objects;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(timer_wheel_move)->ArgName("armed")->Arg(64)->Arg(100'000);

// An iteration: armed and cancelled, while the others wait.
void timer_wheel_arm_cancel(benchmark::State& state) {
  Wheel w(state.range(0));
  const std::uint32_t index = w.slab.emplace();
  for (auto _ : state) {
    w.wheel.arm(index, w.now_ms + 10'000);
    w.wheel.cancel(index);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(timer_wheel_arm_cancel)->ArgName("others")->Arg(0)->Arg(100'000);

// An iteration: one of the timers fires and is armed anew for half a minute later, as heartbeats
// are. Time goes on by a tick when none is left.
void timer_wheel_pop_due(benchmark::State& state) {
  Wheel w(state.range(0));
  for (auto _ : state) {
    std::uint32_t index = w.wheel.pop_due(w.now_ms);
    while (index == reactor::kNoIndex) {
      w.now_ms += decltype(w.wheel)::kTickMs;
      index = w.wheel.pop_due(w.now_ms);
    }
    w.wheel.arm(index, w.now_ms + 30'000);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(timer_wheel_pop_due)->ArgName("armed")->Arg(1'000)->Arg(100'000);

// An iteration: what a turn that finds nothing due asks of the wheel. One timer waits, half a
// minute away: the farthest that the search for it has to go.
void timer_wheel_next_due(benchmark::State& state) {
  Wheel w(0);
  w.wheel.arm(w.slab.emplace(), w.now_ms + 30'000);
  for (auto _ : state) {
    benchmark::DoNotOptimize(w.wheel.pop_due(w.now_ms));
    benchmark::DoNotOptimize(w.wheel.next_due_ms(w.now_ms));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(timer_wheel_next_due);

}  // namespace

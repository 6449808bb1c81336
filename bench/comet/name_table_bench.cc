#include "comet/name_table.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "reactor/check.h"

namespace {

struct Named {
  explicit Named(comet::ChannelName n) : name(std::move(n)) {}
  comet::ChannelName name;
};

// A table of channels "user-0", "user-1", ...
struct Channels {
  explicit Channels(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) table.insert(slab.emplace(named(i)));
  }
  [[nodiscard]] comet::ChannelName named(std::int64_t i) const {
    return hash.named("user-" + std::to_string(i));
  }

  const comet::NameHash hash{1, 2};
  reactor::Slab<Named> slab;
  comet::NameTable<Named> table{slab};
};

// An iteration: a channel is found by a name whose hash is known, as any after any. What grows with
// the number of channels is the wait for memory.
void name_table_find(benchmark::State& state) {
  const Channels channels(state.range(0));
  constexpr std::size_t kNames = 4096;
  std::vector<comet::ChannelName> names;
  for (std::size_t i = 0; i < kNames; ++i) {
    names.push_back(channels.named(static_cast<std::int64_t>(i) * 7919 % state.range(0)));
  }
  std::size_t next = 0;
  for (auto _ : state) {
    const std::uint32_t index = channels.table.find(names[next]);
    CHECK(index != reactor::kNoIndex);
    benchmark::DoNotOptimize(index);
    next = (next + 1) % kNames;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(name_table_find)->ArgName("channels")->Arg(1)->Arg(10'000)->Arg(1'000'000);

// An iteration: a name that no channel has.
void name_table_miss(benchmark::State& state) {
  const Channels channels(state.range(0));
  constexpr std::size_t kNames = 4096;
  std::vector<comet::ChannelName> names;
  for (std::size_t i = 0; i < kNames; ++i) {
    names.push_back(channels.named(state.range(0) + static_cast<std::int64_t>(i)));
  }
  std::size_t next = 0;
  for (auto _ : state) {
    CHECK(channels.table.find(names[next]) == reactor::kNoIndex);
    next = (next + 1) % kNames;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(name_table_miss)->ArgName("channels")->Arg(1)->Arg(10'000)->Arg(1'000'000);

// An iteration: the hash of a name, which is made once for each request.
void name_table_hash(benchmark::State& state) {
  const comet::NameHash hash(1, 2);
  const std::string name(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(hash(name));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(name_table_hash)->ArgName("bytes")->Arg(4)->Arg(36)->Arg(128);

}  // namespace

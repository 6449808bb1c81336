#include "comet/home.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bench/support/one_core.h"

namespace {

// A home whose words are heard by nobody.
class LoneHome final : private comet::Outbox {
 public:
  explicit LoneHome(std::uint32_t cores) : cores_(cores) {}

  comet::Home& home() { return home_; }
  [[nodiscard]] std::uint64_t sent() const { return sent_; }

  comet::Answer publish(const comet::ChannelName& name, const comet::MessageRef& message) {
    comet::Command command;
    command.verb = comet::Command::Verb::kPublish;
    command.name = name;
    command.message = message;
    return home_.command(std::move(command));
  }
  void join_from_every_core(const comet::ChannelName& name) {
    for (std::uint32_t core = 0; core < cores_; ++core) {
      comet::Join join;
      join.audience = {core, 1};
      join.subscriber = {core, 1};
      join.name = name;
      home_.join(core, std::move(join));
    }
  }

 private:
  void send(std::size_t, comet::HubMessage&& message) override {
    const comet::HubMessage taken = std::move(message);
    ++sent_;
  }
  [[nodiscard]] bool congested(std::size_t) const override { return false; }

  const std::uint32_t cores_;
  const comet::HubSettings settings_ = comet::HubSettings::from(comet::Config{}, 0, cores_);
  comet::ChannelCount count_{0};
  std::uint64_t sent_ = 0;
  comet::Home home_{settings_, count_, *this, 1'000'000};
};

// An iteration: a message gets its number and its place in the replay buffer, which is full, and
// goes to every core that has subscribers.
void home_publish(benchmark::State& state) {
  const auto members = static_cast<std::uint32_t>(state.range(0));
  LoneHome lone(members == 0 ? 1 : members);
  const comet::NameHash hash(1, 2);
  const comet::ChannelName name = hash.named("news");
  const comet::MessageRef message = bench::message();
  if (members > 0) lone.join_from_every_core(name);
  const std::uint64_t before = lone.sent();
  for (auto _ : state) benchmark::DoNotOptimize(lone.publish(name, message));
  CHECK(lone.sent() - before == static_cast<std::uint64_t>(state.iterations()) * members);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(home_publish)->ArgName("cores")->Arg(0)->Arg(1)->Arg(4);

// An iteration: a message for one channel after the other, of many.
void home_publish_to_many_channels(benchmark::State& state) {
  LoneHome lone(1);
  const comet::NameHash hash(1, 2);
  std::vector<comet::ChannelName> names;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    names.push_back(hash.named("user-" + std::to_string(i)));
  }
  const comet::MessageRef message = bench::message();
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(lone.publish(names[next], message));
    next = (next + 7919) % names.size();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(home_publish_to_many_channels)->ArgName("channels")->Arg(10'000)->Arg(1'000'000);

}  // namespace

#include "reactor/mailbox.h"

#include <benchmark/benchmark.h>

#include <thread>
#include <utility>
#include <variant>

#include "bench/support/one_core.h"
#include "comet/hub_message.h"

namespace {

using Mailboxes = reactor::Mailboxes<comet::HubMessage, comet::HubMessageWeight>;
constexpr std::size_t kCapacity = 1024;  // as the server has it
constexpr std::size_t kEverything = 1 << 20;

// An iteration: one published message from core 0 to core 1 of two, both on this thread.
void mailbox_post_receive(benchmark::State& state) {
  Mailboxes mail(2, kCapacity);
  const comet::MessageRef message = bench::message();
  std::uint64_t seq = 0;
  for (auto _ : state) {
    mail.post(0, 1, comet::Deliver{{}, ++seq, message});
    mail.receive(1, kEverything, [](std::size_t, comet::HubMessage&& received) {
      benchmark::DoNotOptimize(std::get<comet::Deliver>(received).seq);
    });
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(mailbox_post_receive);

// An iteration: a look at every sender's queue, all of them empty. What an idle turn pays for the
// number of cores.
void mailbox_empty(benchmark::State& state) {
  Mailboxes mail(static_cast<std::size_t>(state.range(0)), kCapacity);
  for (auto _ : state) {
    bool some = mail.receive(0, kEverything, [](std::size_t, comet::HubMessage&&) {});
    some = mail.has_mail(0) || some;
    benchmark::DoNotOptimize(some);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(mailbox_empty)->ArgName("cores")->Arg(2)->Arg(16)->Arg(64);

// An iteration: twice the capacity is posted, so half of it waits in the sender's overflow, and all
// is fetched.
void mailbox_overflow(benchmark::State& state) {
  Mailboxes mail(2, kCapacity);
  const comet::MessageRef message = bench::message();
  std::uint64_t received = 0;
  for (auto _ : state) {
    for (std::size_t i = 0; i < 2 * kCapacity; ++i) {
      mail.post(0, 1, comet::Deliver{{}, i, message});
    }
    do {
      mail.receive(1, kEverything, [&](std::size_t, comet::HubMessage&&) { ++received; });
    } while (mail.flush(0, 1) || mail.has_mail(1));
  }
  CHECK(received == 2 * kCapacity * static_cast<std::uint64_t>(state.iterations()));
  state.SetItemsProcessed(static_cast<std::int64_t>(received));
}
BENCHMARK(mailbox_overflow);

// An iteration: a question to another core's thread and its answer. Both sides spin, nobody sleeps.
void mailbox_two_threads_round_trip(benchmark::State& state) {
  Mailboxes mail(2, kCapacity);
  const auto receive_one = [&mail](std::size_t core) {
    comet::HubMessage message;
    for (int spins = 1;; ++spins) {
      bool got = false;
      mail.receive(core, 1, [&](std::size_t, comet::HubMessage&& received) {
        message = std::move(received);
        got = true;
      });
      if (got) return message;
      if (spins % 4096 == 0) std::this_thread::yield();
    }
  };
  std::thread home([&] {
    for (;;) {
      const comet::HubMessage question = receive_one(1);
      if (std::holds_alternative<comet::UnwatchPresence>(question)) return;
      mail.post(1, 0, comet::Answer{});
    }
  });
  for (auto _ : state) {
    mail.post(0, 1, comet::Leave{{}, {}, 1});
    receive_one(0);
  }
  mail.post(0, 1, comet::UnwatchPresence{});
  home.join();
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(mailbox_two_threads_round_trip)->UseRealTime();

}  // namespace

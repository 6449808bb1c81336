// Turns of the loop, timers, histories, mail, look-ups.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "bench/support/one_core.h"
#include "comet/history.h"
#include "comet/hub_message.h"
#include "comet/name_table.h"
#include "perf/paths/paths.h"
#include "reactor/check.h"
#include "reactor/loop.h"
#include "reactor/mailbox.h"
#include "reactor/slab.h"
#include "reactor/timer_wheel.h"

namespace perf {
namespace {

// Turns in which nothing happens, and which end at once as something is always due.
class IdleHandler final : public reactor::Loop::Handler {
 public:
  void run(std::uint64_t turns) {
    reactor::Loop loop(*this, {});
    loop_ = &loop;
    turns_left_ = turns;
    loop.run();
  }

 private:
  void begin_turn(const reactor::Now& now) override { now_us_ = now.monotonic_us; }
  void accepted(std::size_t, reactor::Fd, const reactor::Endpoint&) override {}
  void accepted_last(std::size_t, reactor::Fd, const reactor::Endpoint&) override {}
  std::uint64_t next_accept_us(std::size_t) override { return 0; }
  void happened(const reactor::Event&) override {}
  bool end_turn(std::uint64_t) override {
    if (--turns_left_ == 0) loop_->stop();
    return false;
  }
  void turn_ended(std::uint64_t) override {}
  bool has_mail() override { return false; }
  std::optional<std::uint64_t> next_deadline_us() override { return now_us_; }

  reactor::Loop* loop_ = nullptr;
  std::uint64_t turns_left_ = 0;
  std::uint64_t now_us_ = 0;
};
void loop_turn(Meter& meter) {
  IdleHandler handler;
  meter.run([&handler](std::uint64_t turns) { handler.run(turns); });
}

struct Timed {
  reactor::TimerLink timer;
};
using Wheel = reactor::TimerWheel<Timed, &Timed::timer>;
constexpr std::uint64_t kNowMs = 1'000'000;

void timer_move(Meter& meter) {
  reactor::Slab<Timed> slab;
  Wheel wheel(slab, kNowMs);
  constexpr std::uint32_t kTimers = 64;
  for (std::uint32_t i = 0; i < kTimers; ++i)
    wheel.arm(slab.emplace(), kNowMs + 1000 + std::uint64_t{i} * Wheel::kTickMs);
  std::uint64_t due_ms = kNowMs + 30'000;
  std::uint32_t index = 0;
  meter.each([&] {
    wheel.arm(index, due_ms);
    index = (index + 1) % kTimers;
    due_ms = due_ms == kNowMs + 30'000 ? kNowMs + 10'000 : kNowMs + 30'000;
  });
}

void timer_next_due(Meter& meter) {
  reactor::Slab<Timed> slab;
  Wheel wheel(slab, kNowMs);
  wheel.arm(slab.emplace(), kNowMs + 30'000);
  meter.each([&] {
    CHECK(wheel.pop_due(kNowMs) == reactor::kNoIndex);
    keep(wheel.next_due_ms(kNowMs));
  });
}

void history(Meter& meter) {
  comet::History history(1);
  const comet::MessageRef message = bench::message();
  for (int i = 0; i < 100; ++i) history.append(message);
  meter.each([&] {
    history.append(message);
    history.drop_oldest();
    keep(history);
  });
}

void mail(Meter& meter) {
  reactor::Mailboxes<comet::HubMessage, comet::HubMessageWeight> mail(2, 1024);
  const comet::MessageRef message = bench::message();
  std::uint64_t received = 0;
  meter.each([&] {
    mail.post(0, 1, comet::Deliver{{}, 1, message});
    mail.receive(1, 1024, [&](std::size_t, comet::HubMessage&& taken) {
      received += std::get<comet::Deliver>(taken).seq;
    });
  });
  CHECK(received == meter.total());
}

struct Named {
  explicit Named(comet::ChannelName n) : name(std::move(n)) {}
  comet::ChannelName name;
};
void find_channel(Meter& meter) {
  const comet::NameHash hash(1, 2);
  reactor::Slab<Named> slab;
  comet::NameTable<Named> table(slab);
  constexpr std::uint32_t kChannels = 10'000;
  for (std::uint32_t i = 0; i < kChannels; ++i) {
    // Of one length, for all to cost the same.
    table.insert(slab.emplace(hash.named("user-" + std::to_string(100'000 + i))));
  }
  std::uint32_t index = 0;
  meter.each([&] {
    index = (index + 7919) % kChannels;
    CHECK(table.find(hash.named(slab[index].name.text)) == index);
  });
}

constexpr Path kPaths[] = {
    {"loop-turn", loop_turn, 300, 1, "a loop's turn without events, but for the kernel's part"},
    {"timer-move", timer_move, 1000, 1, "a timer is moved"},
    {"timer-next-due", timer_next_due, 1000, 1, "the next deadline, half a minute away"},
    {"history", history, 1000, 1, "a message comes, the oldest goes"},
    {"mail", mail, 1000, 1, "a message from core to core"},
    {"find-channel", find_channel, 1000, 1, "hash a name, find it among 10 000"},
};

}  // namespace

std::span<const Path> paths_of_cores() { return kPaths; }

}  // namespace perf

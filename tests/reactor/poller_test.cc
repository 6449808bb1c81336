#include "reactor/poller.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "reactor/clock.h"
#include "tests/reactor/loopback.h"
#include "tests/support/eventually.h"

namespace reactor {
namespace {

using namespace testing_loopback;

constexpr Token kToken{3, 5};

// The one event that there should be.
constexpr std::int64_t kPatienceUs = std::int64_t{kPatienceMs} * 1000;

std::optional<Event> one_event(Poller& poller, std::int64_t timeout_us = kPatienceUs) {
  const auto events = poller.wait(timeout_us);
  EXPECT_LE(events.size(), 1u);
  if (events.size() != 1) return std::nullopt;
  return events[0];
}

TEST(Poller, WatchingNothingReportsNothing) {
  Poller poller;
  EXPECT_TRUE(poller.wait(0).empty());
}

TEST(Poller, AFreshConnectionIsWritableOnce) {
  Poller poller;
  const Pair pair = connected_pair();
  ASSERT_TRUE(poller.watch_edges(pair.server, kToken));
  const auto event = one_event(poller);
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->token, kToken);
  EXPECT_TRUE(event->writable);
  EXPECT_FALSE(event->readable);
  EXPECT_FALSE(event->peer_closed);
  EXPECT_TRUE(poller.wait(0).empty());
}

TEST(Poller, AnEdgeIsReportedOnceEvenIfNobodyReads) {
  Poller poller;
  const Pair pair = connected_pair();
  ASSERT_TRUE(poller.watch_edges(pair.server, kToken));
  poller.wait(kPatienceUs);
  send(pair.client.get(), "a");
  const auto event = one_event(poller);
  ASSERT_TRUE(event.has_value());
  EXPECT_TRUE(event->readable);
  EXPECT_FALSE(event->peer_closed);
  EXPECT_TRUE(poller.wait(0).empty());
  send(pair.client.get(), "b");
  const auto again = one_event(poller);
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->readable);
}

TEST(Poller, ALevelIsReportedUntilItIsGone) {
  Poller poller;
  const Fd listener = listener_v4();
  poller.watch_level(listener, kToken);
  EXPECT_TRUE(poller.wait(0).empty());
  const Fd client = connected_client(bound_endpoint(listener));
  for (int i = 0; i < 3; ++i) {
    const auto event = one_event(poller);
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->token, kToken);
    EXPECT_TRUE(event->readable);
  }
  EXPECT_EQ(accept_one(listener).status, Accepted::Status::kOk);
  EXPECT_TRUE(poller.wait(0).empty());
}

TEST(Poller, AListenerThatIsSharedIsReportedToWhoeverWatchesIt) {
  Poller one;
  Poller other;
  const Fd listener = listener_v4();
  const Fd duplicate = listener.duplicate();
  ASSERT_TRUE(one.watch_shared(listener, {1, 0}));
  ASSERT_TRUE(other.watch_shared(duplicate, {2, 0}));
  EXPECT_FALSE(one.watch_shared(listener, {1, 0}));  // once is enough
  EXPECT_TRUE(one.wait(0).empty());
  const Fd client = connected_client(bound_endpoint(listener));
  // Neither slept, so neither could be chosen: the connection is there for both.
  EXPECT_EQ(one_event(one)->token, (Token{1, 0}));
  EXPECT_EQ(one_event(one)->token, (Token{1, 0}));
  EXPECT_EQ(one_event(other)->token, (Token{2, 0}));
  EXPECT_EQ(accept_one(duplicate).status, Accepted::Status::kOk);
  EXPECT_EQ(accept_one(listener).status, Accepted::Status::kNothing);
  EXPECT_TRUE(one.wait(0).empty());
  EXPECT_TRUE(other.wait(0).empty());
}

TEST(Poller, WhoNoLongerWatchesASharedListenerIsNotToldAndMayComeBack) {
  Poller one;
  Poller other;
  const Fd listener = listener_v4();
  Fd duplicate = listener.duplicate();
  ASSERT_TRUE(one.watch_shared(listener, kToken));
  ASSERT_TRUE(other.watch_shared(duplicate, kToken));
  const Fd client = connected_client(bound_endpoint(listener));
  other.unwatch(duplicate);
  other.unwatch(duplicate);
  EXPECT_TRUE(other.wait(0).empty());
  ASSERT_TRUE(other.watch_shared(duplicate, kToken));  // what waits is reported at once
  EXPECT_TRUE(one_event(other).has_value());
  other.unwatch(duplicate);
  duplicate.reset();
  EXPECT_TRUE(other.wait(0).empty());
  EXPECT_TRUE(one_event(one).has_value());
}

TEST(Poller, AnEndOfThePeerIsReadableAndClosed) {
  Poller poller;
  Pair pair = connected_pair();
  ASSERT_TRUE(poller.watch_edges(pair.server, kToken));
  poller.wait(kPatienceUs);
  pair.client.reset();
  const auto event = one_event(poller);
  ASSERT_TRUE(event.has_value());
  EXPECT_TRUE(event->readable);
  EXPECT_TRUE(event->peer_closed);
}

TEST(Poller, AResetIsReadableAndClosed) {
  Poller poller;
  Pair pair = connected_pair();
  ASSERT_TRUE(poller.watch_edges(pair.server, kToken));
  poller.wait(kPatienceUs);
  reset_on_close(pair.client);
  pair.client.reset();
  const auto event = one_event(poller);
  ASSERT_TRUE(event.has_value());
  EXPECT_TRUE(event->readable);
  EXPECT_TRUE(event->peer_closed);
}

TEST(Poller, RoomAfterAWouldBlockIsReported) {
  Poller poller;
  const Pair pair = connected_pair(4096);
  ASSERT_TRUE(poller.watch_edges(pair.server, kToken));
  poller.wait(kPatienceUs);
  const std::string block(1 << 16, 'x');
  while (send(pair.server.get(), block).status == IoResult::Status::kOk) {
  }
  std::array<char, 1 << 16> buffer;
  bool writable = false;
  // The peer reads until there is room again: a bounded amount, what was sent at most.
  while (!writable && await(pair.client.get(), POLLIN)) {
    ASSERT_EQ(receive(pair.client.get(), buffer).status, IoResult::Status::kOk);
    for (const Event& event : poller.wait(0)) writable = writable || event.writable;
  }
  EXPECT_TRUE(writable);
}

TEST(Poller, TokensOfAllBitsComeBackUnchanged) {
  for (const Token token : {Token{0, 0}, Token{0xffffffff, 0}, Token{0, 0xffffffff},
                            Token{0x89abcdef, 0xfedcba98}, Token{0xffffffff, 0xffffffff}}) {
    Poller poller;
    const Pair pair = connected_pair();
    ASSERT_TRUE(poller.watch_edges(pair.server, token));
    const auto event = one_event(poller);
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->token, token);
  }
}

TEST(Poller, ClosingForgetsTheDescriptor) {
  Poller poller;
  Pair pair = connected_pair();
  ASSERT_TRUE(poller.watch_edges(pair.server, kToken));
  pair.server.reset();
  EXPECT_TRUE(poller.wait(0).empty());
}

TEST(Poller, AnEventOfSomethingClosedAndReusedInTheSameBatchIsTellable) {
  Poller poller;
  Pair first = connected_pair();
  Pair second = connected_pair();
  const int number = first.server.get();
  ASSERT_TRUE(poller.watch_edges(first.server, {1, 1}));
  ASSERT_TRUE(poller.watch_edges(second.server, {2, 1}));
  // The batch is out; while it is handled, slot 1 is closed and used again, with the same number.
  const auto events = poller.wait(kPatienceUs);
  ASSERT_EQ(events.size(), 2u);
  const Pair third = connected_pair();
  first.server.reset();
  const Fd reused(::fcntl(third.server.get(), F_DUPFD_CLOEXEC, number));
  ASSERT_EQ(reused.get(), number);
  ASSERT_TRUE(poller.watch_edges(reused, {1, 3}));
  // The old events still say generation 1, so a look-up under generation 3 misses.
  for (const Event& event : events) EXPECT_EQ(event.token.generation, 1u);
  const auto later = poller.wait(kPatienceUs);
  ASSERT_EQ(later.size(), 1u);
  EXPECT_EQ(later[0].token, (Token{1, 3}));
}

TEST(Poller, AClosedDescriptorWhoseFileLivesOnReportsItsOldGeneration) {
  // epoll(7): closing removes the watch only with the last descriptor of the file.
  Poller poller;
  Pair old = connected_pair();
  const Fd duplicate(::fcntl(old.server.get(), F_DUPFD_CLOEXEC, 0));
  const int number = old.server.get();
  ASSERT_TRUE(poller.watch_edges(old.server, {1, 1}));
  const Pair fresh = connected_pair();
  old.server.reset();
  const Fd reused(::fcntl(fresh.server.get(), F_DUPFD_CLOEXEC, number));
  ASSERT_EQ(reused.get(), number);
  ASSERT_TRUE(poller.watch_edges(reused, {1, 3}));
  std::vector<std::uint32_t> generations;
  for (const Event& event : poller.wait(kPatienceUs)) {
    EXPECT_EQ(event.token.index, 1u);
    generations.push_back(event.token.generation);
  }
  std::ranges::sort(generations);
  EXPECT_EQ(generations, (std::vector<std::uint32_t>{1, 3}));
}

TEST(Poller, MoreEventsThanOneBatchHoldsAllArrive) {
  Poller poller;
  constexpr std::uint32_t kPipes = Poller::kEventsMax + 50;
  std::vector<Fd> ends;
  for (std::uint32_t i = 0; i < kPipes; ++i) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_NONBLOCK | O_CLOEXEC) != 0) GTEST_SKIP() << "too few descriptors";
    ends.emplace_back(pipe[0]);
    ends.emplace_back(pipe[1]);
    ASSERT_EQ(::write(pipe[1], "x", 1), 1);
    ASSERT_TRUE(poller.watch_edges(ends[ends.size() - 2], {i, 1}));
  }
  std::vector<int> seen(kPipes);
  std::size_t total = 0;
  while (total < kPipes) {
    const auto events = poller.wait(0);
    ASSERT_FALSE(events.empty());
    ASSERT_LE(events.size(), static_cast<std::size_t>(Poller::kEventsMax));
    for (const Event& event : events) ++seen.at(event.token.index);
    total += events.size();
  }
  for (const int count : seen) EXPECT_EQ(count, 1);
}

char state_of(pid_t process) {
  std::string name;
  char state = '?';
  std::ifstream("/proc/" + std::to_string(process) + "/stat") >> name >> name >> state;
  return state;
}

// signal(7): epoll_wait() fails with EINTR after SIGCONT, whatever has come meanwhile.
TEST(Poller, WhatComesWhileTheProcessIsStoppedIsReportedWhenItGoesOn) {
  Poller poller;
  const Pair pair = connected_pair();
  poller.watch_level(pair.server, kToken);
  const pid_t waiter = ::fork();
  ASSERT_NE(waiter, -1);
  if (waiter == 0) ::_exit(poller.wait(kPatienceUs).empty() ? 1 : 0);
  EXPECT_TRUE(support::eventually([&] {
    const char state = state_of(waiter);
    return state == 'S' || state == 'Z';
  }));
  ASSERT_EQ(::kill(waiter, SIGSTOP), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(waiter, &status, WUNTRACED), waiter);
  ASSERT_TRUE(WIFSTOPPED(status));
  send(pair.client.get(), "a");
  ASSERT_EQ(::kill(waiter, SIGCONT), 0);
  ASSERT_EQ(::waitpid(waiter, &status, 0), waiter);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Poller, NothingIsReportedBeforeItsTimeoutIsOver) {
  Poller poller;
  for (const std::int64_t timeout_us : {1, 300, 1500}) {
    const std::uint64_t before_us = Now::read().monotonic_us;
    EXPECT_TRUE(poller.wait(timeout_us).empty());
    EXPECT_GE(Now::read().monotonic_us - before_us + 1, static_cast<std::uint64_t>(timeout_us));
  }
}

}  // namespace
}  // namespace reactor

#include "reactor/loop.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/reactor/loopback.h"

namespace reactor {
namespace {

using namespace testing_loopback;

// A handler whose calls are set by the test and which remembers what it was told.
class Script : public Loop::Handler {
 public:
  void begin_turn(const Now& now) override {
    ++turns;
    turn_now = now;
    calls.push_back("begin");
    if (calls.size() > 1000) calls.clear();
    if (on_begin_turn) on_begin_turn();
  }
  void accepted(std::size_t listener, Fd fd, const Endpoint& peer) override {
    calls.push_back("accepted");
    peers.emplace_back(listener, peer);
    connections.push_back(std::move(fd));
    if (on_accepted) on_accepted();
  }
  void accepted_last(std::size_t, Fd fd, const Endpoint&) override {
    ++last_ones;
    if (keeps_last) connections.push_back(std::move(fd));
  }
  std::uint64_t next_accept_us(std::size_t listener) override {
    return on_next_accept ? on_next_accept(listener) : 0;
  }
  void happened(const Event& event) override {
    calls.push_back("happened");
    events.push_back(event);
    if (on_happened) on_happened(event);
  }
  bool end_turn(std::uint64_t heard_until) override {
    heard_until_us = heard_until;
    calls.push_back("end");
    return on_end_turn && on_end_turn();
  }
  void turn_ended(std::uint64_t now_us) override { ended_us = now_us; }
  bool has_mail() override {
    const bool mail = on_has_mail && on_has_mail();
    if (on_asked) on_asked();
    return mail;
  }
  std::optional<std::uint64_t> next_deadline_us() override { return deadline_us; }

  std::function<void()> on_begin_turn;
  std::function<void()> on_accepted;
  std::function<void(const Event&)> on_happened;
  std::function<bool()> on_end_turn;
  std::function<bool()> on_has_mail;
  std::function<void()> on_asked;
  std::function<std::uint64_t(std::size_t)> on_next_accept;
  std::optional<std::uint64_t> deadline_us;
  bool keeps_last = false;
  int last_ones = 0;

  int turns = 0;
  Now turn_now;
  std::uint64_t ended_us = 0;
  std::uint64_t heard_until_us = 0;
  std::vector<std::string> calls;
  std::vector<std::pair<std::size_t, Endpoint>> peers;
  std::vector<Fd> connections;
  std::vector<Event> events;
};

std::vector<Fd> only(Fd fd) {
  std::vector<Fd> one;
  one.push_back(std::move(fd));
  return one;
}

TEST(Loop, AStopThatCameFirstIsHonoured) {
  Script script;
  Loop loop(script, {});
  loop.stop();
  loop.run();
  EXPECT_LE(script.turns, 1);
}

TEST(Loop, StopWithinATurnEndsAfterThatTurn) {
  Script script;
  Loop loop(script, {});
  script.on_end_turn = [&] {
    if (script.turns == 3) loop.stop();
    return true;
  };
  loop.run();
  EXPECT_EQ(script.turns, 3);
  EXPECT_EQ(script.calls.back(), "end");
}

TEST(Loop, StopFromAnotherThreadWakesASleeper) {
  Script script;
  Loop loop(script, {});
  std::promise<void> about_to_sleep;
  bool told = false;
  script.on_asked = [&] {
    if (!std::exchange(told, true)) about_to_sleep.set_value();
  };
  std::thread thread([&] { loop.run(); });
  about_to_sleep.get_future().wait();
  loop.stop();
  thread.join();
  SUCCEED();
}

TEST(Loop, StopAtAnyMomentIsNeverLost) {
  for (int round = 0; round < 300; ++round) {
    Script script;
    Loop loop(script, {});
    std::atomic<bool> running{false};
    script.on_end_turn = [&] {
      running.store(true);
      return false;
    };
    std::thread thread([&] { loop.run(); });
    // Half of the rounds race with the start, half with falling asleep.
    while (round % 2 == 0 && !running.load()) std::this_thread::yield();
    for (int spin = 0; spin < round * 10; ++spin) {
      std::atomic_signal_fence(std::memory_order_seq_cst);  // not optimised away
    }
    loop.stop();
    thread.join();
  }
}

TEST(Loop, TheFirstTurnDoesNotSleepAndReadsTheClock) {
  Script script;
  Loop loop(script, {});
  const Now before = Now::read();
  script.on_end_turn = [&] {
    EXPECT_GE(script.turn_now.monotonic_us, before.monotonic_us);
    EXPECT_LE(script.turn_now.monotonic_us, Now::read().monotonic_us);
    loop.stop();
    return false;
  };
  loop.run();
  EXPECT_EQ(script.calls, (std::vector<std::string>{"begin", "end"}));
}

TEST(Loop, MoreToDoMeansAnotherTurnWithoutSleeping) {
  Script script;
  Loop loop(script, {});
  int asked = 0;
  script.on_asked = [&] { ++asked; };
  script.on_end_turn = [&] {
    if (script.turns == 1000) loop.stop();
    return true;
  };
  loop.run();
  EXPECT_EQ(script.turns, 1000);
  EXPECT_EQ(asked, 0);
}

TEST(Loop, AConnectionIsHandedOverWithItsListenerAndPeer) {
  Script script;
  auto listeners = listen_on(any_port_v4(), 1);
  auto others = listen_on(any_port_v4(), 1);
  ASSERT_TRUE(listeners.ok() && others.ok());
  const Endpoint first = bound_endpoint(listeners->front());
  const Endpoint second = bound_endpoint(others->front());
  listeners->push_back(std::move(others->front()));
  Loop loop(script, std::move(*listeners));
  const Fd client_of_second = connected_client(second);
  const Fd client_of_first = connected_client(first);
  script.on_accepted = [&] {
    if (script.peers.size() == 2) loop.stop();
  };
  loop.run();
  std::ranges::sort(script.peers, {}, [](const auto& peer) { return peer.first; });
  ASSERT_EQ(script.peers.size(), 2u);
  EXPECT_EQ(script.peers[0],
            (std::pair<std::size_t, Endpoint>(0, bound_endpoint(client_of_first))));
  EXPECT_EQ(script.peers[1],
            (std::pair<std::size_t, Endpoint>(1, bound_endpoint(client_of_second))));
  for (const Fd& fd : script.connections) EXPECT_NE(::fcntl(fd.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST(Loop, AcceptsMoreThanOneTurnsBudget) {
  constexpr std::size_t kClients = 300;
  Script script;
  Fd listener = listener_v4();
  const Endpoint bound = bound_endpoint(listener);
  Loop loop(script, only(std::move(listener)));
  std::vector<Fd> clients;
  for (std::size_t i = 0; i < kClients; ++i) clients.push_back(connected_client(bound));
  script.on_accepted = [&] {
    if (script.connections.size() == kClients) loop.stop();
  };
  loop.run();
  EXPECT_EQ(script.connections.size(), kClients);
}

TEST(Loop, AListenerThatClosesHandsOverWhoeverWaitsAndIsFreeForOthers) {
  Script script;
  std::vector<Fd> listeners;
  listeners.push_back(listener_v4());
  listeners.push_back(listener_v4());
  const Endpoint closing = bound_endpoint(listeners[0]);
  const Endpoint staying = bound_endpoint(listeners[1]);
  Loop loop(script, std::move(listeners));
  const Fd first = connected_client(closing);
  const Fd second = connected_client(closing);
  loop.close_listener(0);
  EXPECT_EQ(script.connections.size(), 2u);

  Fd refused = client_socket(AF_INET);
  EXPECT_FALSE(connect_to(refused, closing));
  EXPECT_TRUE(listen_on(closing, 1).ok()) << "also while its connections live";
  const Fd third = connected_client(staying);
  script.on_end_turn = [&] {
    if (script.connections.size() == 3) loop.stop();
    return false;
  };
  loop.run();
  EXPECT_EQ(script.peers.back().first, 1u);
}

TEST(Loop, AListenerMayCloseInTheTurnThatReportsIt) {
  Script script;
  std::vector<Fd> listeners;
  listeners.push_back(listener_v4());
  listeners.push_back(listener_v4());
  const Fd first = connected_client(bound_endpoint(listeners[0]));
  const Fd second = connected_client(bound_endpoint(listeners[1]));
  Loop loop(script, std::move(listeners));
  script.on_begin_turn = [&] {
    if (script.turns > 1) return;
    loop.close_listener(0);
    loop.close_listener(1);
  };
  script.on_end_turn = [&] {
    loop.stop();
    return false;
  };
  loop.run();
  EXPECT_EQ(script.connections.size(), 2u);
}

TEST(Loop, WhenTimeIsUpAllThatCameBeforeTheDeadlineWasReported) {
  Script script;
  Loop loop(script, {});
  script.deadline_us = Now::read_monotonic_us() + 2000;
  script.on_end_turn = [&] {
    if (script.turn_now.monotonic_us >= *script.deadline_us) loop.stop();
    return false;
  };
  loop.run();
  EXPECT_EQ(script.heard_until_us, *script.deadline_us);
}

// Between the kernel's list of events and the clock, others may have had the CPU for seconds.
TEST(Loop, WithAnEventOnlyWhatCameBeforeTheKernelWasAskedIsSureToBeReported) {
  Script script;
  Loop loop(script, {});
  const Pair pair = connected_pair();
  ASSERT_TRUE(loop.poller().watch_edges(pair.server, Token{1, 1}));
  script.deadline_us = Now::read_monotonic_us() + std::uint64_t{kPatienceMs} * 1000;
  script.on_end_turn = [&] {
    if (script.turns == 1) {
      send(pair.client.get(), "a");
    } else {
      EXPECT_TRUE(script.events.back().readable);
      EXPECT_EQ(script.heard_until_us, script.ended_us) << "the end of the turn before";
      loop.stop();
    }
    return false;
  };
  loop.run();
  EXPECT_EQ(script.turns, 2);
}

TEST(Loop, ASharedListenerComesBehindItsOwnInTheNumbering) {
  Script script;
  Fd own = listener_v4();
  Fd shared = listener_v4();
  const Endpoint bound_own = bound_endpoint(own);
  const Endpoint bound_shared = bound_endpoint(shared);
  Loop loop(script, only(std::move(own)), only(std::move(shared)));
  const Fd to_shared = connected_client(bound_shared);
  const Fd to_own = connected_client(bound_own);
  script.on_accepted = [&] {
    if (script.peers.size() == 2) loop.stop();
  };
  loop.run();
  std::ranges::sort(script.peers, {}, [](const auto& peer) { return peer.first; });
  ASSERT_EQ(script.peers.size(), 2u);
  EXPECT_EQ(script.peers[0].second, bound_endpoint(to_own));
  EXPECT_EQ(script.peers[1].second, bound_endpoint(to_shared));
  EXPECT_EQ(script.peers[1].first, 1u);
}

// The kernel alone would wake the same core each time. Rounds are repeated, for a busy machine may
// keep one of the two from sleeping for a while.
TEST(Loop, ASharedListenerGivesEachOfItsLoopsAShareThoughConnectionsComeOneByOne) {
  constexpr int kRound = 64;
  constexpr int kRoundsMax = 200;
  Fd listener = listener_v4();
  const Endpoint bound = bound_endpoint(listener);
  std::array<Script, 2> scripts;
  std::array<std::atomic<int>, 2> accepted{};
  for (std::size_t i = 0; i < 2; ++i) {
    scripts[i].on_accepted = [&, i] {
      scripts[i].connections.clear();
      ++accepted[i];
    };
  }
  Loop first(scripts[0], {}, only(listener.duplicate()));
  Loop second(scripts[1], {}, only(listener.duplicate()));
  listener.reset();
  std::thread first_thread([&] { first.run(); });
  std::thread second_thread([&] { second.run(); });

  int fewest = 0;
  for (int round = 0; round < kRoundsMax && fewest < kRound / 4; ++round) {
    accepted[0] = accepted[1] = 0;
    for (int i = 0; i < kRound; ++i) {
      const Fd client = connected_client(bound);
      std::array<char, 1> byte;
      EXPECT_EQ(receive(client.get(), byte).status, IoResult::Status::kClosed);
    }
    // The one that closes a connection counts it right after.
    while (accepted[0] + accepted[1] < kRound) std::this_thread::yield();
    fewest = std::min(accepted[0].load(), accepted[1].load());
  }
  first.stop();
  second.stop();
  first_thread.join();
  second_thread.join();
  EXPECT_GE(fewest, kRound / 4);
}

TEST(Loop, WhatHappensToAConnectionIsToldUnderItsToken) {
  Script script;
  Loop loop(script, {});
  const Pair pair = connected_pair();
  constexpr Token kToken{42, 9};
  ASSERT_TRUE(loop.poller().watch_edges(pair.server, kToken));
  ASSERT_EQ(send(pair.client.get(), "x").bytes, 1u);
  script.on_happened = [&](const Event& event) {
    if (event.readable) loop.stop();
  };
  loop.run();
  ASSERT_FALSE(script.events.empty());
  for (const Event& event : script.events) EXPECT_EQ(event.token, kToken);
  EXPECT_TRUE(script.events.back().writable);
  EXPECT_FALSE(script.events.back().peer_closed);
}

TEST(Loop, ATurnBeginsThenHandlesEventsThenEnds) {
  Script script;
  Loop loop(script, {});
  const Pair pair = connected_pair();
  ASSERT_TRUE(loop.poller().watch_edges(pair.server, {1, 1}));
  script.on_happened = [&](const Event&) { loop.stop(); };
  loop.run();
  ASSERT_GE(script.calls.size(), 3u);
  const std::vector<std::string> last(script.calls.end() - 3, script.calls.end());
  EXPECT_EQ(last, (std::vector<std::string>{"begin", "happened", "end"}));
}

TEST(Loop, ADeadlineEndsTheSleepAndNotBefore) {
  Script script;
  Loop loop(script, {});
  const std::uint64_t deadline = Now::read().monotonic_us + 30'000;
  script.deadline_us = deadline;
  std::vector<std::uint64_t> turns_at;
  script.on_end_turn = [&] {
    turns_at.push_back(script.turn_now.monotonic_us);
    if (script.turn_now.monotonic_us >= deadline) loop.stop();
    return false;
  };
  loop.run();
  EXPECT_GE(turns_at.back(), deadline);
  // One turn at the start, one after the sleep; the kernel may end a sleep early by a rounding.
  EXPECT_LE(turns_at.size(), 3u);
}

TEST(Loop, ADeadlineThatHasPassedDoesNotSleep) {
  Script script;
  Loop loop(script, {});
  script.deadline_us = Now::read().monotonic_us - 5;
  script.on_end_turn = [&] {
    if (script.turns == 10) loop.stop();
    return false;
  };
  loop.run();
  EXPECT_EQ(script.turns, 10);
}

TEST(Loop, ADeadlineFarAwayIsNotMistakenForNow) {
  for (const std::uint64_t away : {std::uint64_t{1} << 31, std::uint64_t{1} << 32,
                                   std::uint64_t{1} << 40, std::uint64_t{1} << 62}) {
    Script script;
    Loop loop(script, {});
    script.deadline_us = Now::read().monotonic_us + away;
    std::promise<void> about_to_sleep;
    int asked = 0;
    script.on_asked = [&] {
      if (++asked == 1) about_to_sleep.set_value();
    };
    std::thread thread([&] { loop.run(); });
    about_to_sleep.get_future().wait();
    loop.stop();
    thread.join();
    EXPECT_LE(script.turns, 2) << away;
  }
}

TEST(Loop, MailThatCameWhileFallingAsleepIsReadAtOnce) {
  Script script;
  Loop loop(script, {});
  bool mail = true;
  script.on_has_mail = [&] { return std::exchange(mail, false); };
  script.on_end_turn = [&] {
    if (script.turns == 2) loop.stop();
    return false;
  };
  loop.run();
  EXPECT_EQ(script.turns, 2);
}

TEST(Loop, MailFromAnotherThreadWakesASleeper) {
  constexpr int kLetters = 2000;
  Script script;
  Loop loop(script, {});
  std::atomic<int> posted{0};
  std::atomic<int> read{0};
  script.on_has_mail = [&] { return posted.load() > read.load(); };
  script.on_end_turn = [&] {
    read.store(posted.load());
    if (read.load() == kLetters) loop.stop();
    return false;
  };
  std::thread sender([&] {
    for (int i = 1; i <= kLetters; ++i) {
      posted.store(i);
      loop.waker().wake();
      // The next only when this one was read: a lost wake-up would stand still here.
      while (read.load() < i) std::this_thread::yield();
    }
  });
  loop.run();
  sender.join();
  EXPECT_EQ(read.load(), kLetters);
}

TEST(Loop, AWakeUpIsDrainedAndDoesNotSpin) {
  Script script;
  Loop loop(script, {});
  std::atomic<int> asked{0};
  script.on_asked = [&] { asked.fetch_add(1); };
  std::thread thread([&] { loop.run(); });
  while (asked.load() == 0) std::this_thread::yield();
  loop.waker().signal();
  while (asked.load() < 2) std::this_thread::yield();
  loop.stop();
  thread.join();
  // The start, the wake-up, the stop: not a turn more.
  EXPECT_LE(script.turns, 3);
}

TEST(Loop, AListenerRestsAsLongAsTheHandlerSaysAndOthersDoNot) {
  Script script;
  std::vector<Fd> listeners;
  listeners.push_back(listener_v4());
  listeners.push_back(listener_v4());
  const Endpoint limited = bound_endpoint(listeners[0]);
  const Endpoint free = bound_endpoint(listeners[1]);
  Loop loop(script, std::move(listeners));
  std::vector<Fd> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(connected_client(limited));
  for (int i = 0; i < 3; ++i) clients.push_back(connected_client(free));
  // One connection in thirty milliseconds.
  constexpr std::uint64_t kPaceUs = 30'000;
  std::vector<std::uint64_t> accepted_us;
  std::uint64_t next_us = 0;
  script.on_next_accept = [&](std::size_t listener) { return listener == 0 ? next_us : 0; };
  script.on_accepted = [&] {
    if (script.peers.back().first != 0) return;
    accepted_us.push_back(script.turn_now.monotonic_us);
    next_us = script.turn_now.monotonic_us + kPaceUs;
  };
  script.on_end_turn = [&] {
    if (script.connections.size() == 6) loop.stop();
    return false;
  };
  loop.run();
  ASSERT_EQ(accepted_us.size(), 3u);
  EXPECT_GE(accepted_us[1], accepted_us[0] + kPaceUs);
  EXPECT_GE(accepted_us[2], accepted_us[1] + kPaceUs);
  EXPECT_LE(script.turns, 8) << "it sleeps meanwhile";
}

TEST(Loop, AListenerThatRestsMayBeClosed) {
  Script script;
  Fd listener = listener_v4();
  const Endpoint bound = bound_endpoint(listener);
  Loop loop(script, only(std::move(listener)));
  const Fd client = connected_client(bound);
  script.on_next_accept = [&](std::size_t) { return script.turn_now.monotonic_us + 1000; };
  script.on_begin_turn = [&] {
    if (script.turns == 3) loop.close_listener(0);
  };
  script.on_end_turn = [&] {
    if (script.turns == 4) loop.stop();
    return script.turns == 3;
  };
  loop.run();
  EXPECT_EQ(script.connections.size(), 1u);
}

// What the child of a death test ends with when all went well.
constexpr int kAllRight = 0;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "not so: %s (errno %d)\n", what, errno);
  std::_Exit(1);
}

// Lowers the limit and takes every descriptor that is left under it.
std::vector<Fd> take_all_descriptors() {
  rlimit limit{};
  require(::getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_cur, 256);
  require(::setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
  std::vector<Fd> hogs;
  for (;;) {
    Fd hog(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!hog) break;
    hogs.push_back(std::move(hog));
  }
  require(errno == EMFILE, "descriptors ran out");
  return hogs;
}

// In a process of its own, because it takes all descriptors.
[[noreturn]] void run_out_of_descriptors() {
  constexpr std::size_t kClients = 5;
  Script script;
  Fd listener = listener_v4();
  const Endpoint bound = bound_endpoint(listener);
  Loop loop(script, only(std::move(listener)));
  std::vector<Fd> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.push_back(connected_client(bound));
    require(::fcntl(clients.back().get(), F_SETFL, O_NONBLOCK) == 0, "a client that never blocks");
  }

  const std::vector<Fd> hogs = take_all_descriptors();

  // Each client is refused: it reads the end. That takes about a turn each, and no more.
  std::size_t refused = 0;
  script.on_end_turn = [&] {
    refused = static_cast<std::size_t>(std::ranges::count_if(clients, [](const Fd& client) {
      std::array<char, 1> byte;
      return receive(client.get(), byte).status == IoResult::Status::kClosed;
    }));
    if (refused == kClients || script.turns > 100) loop.stop();
    return true;
  };
  loop.run();
  require(refused == kClients, "all clients were refused");
  require(script.connections.empty(), "none was accepted");
  require(script.last_ones == static_cast<int>(kClients), "the handler was told of each");
  require(script.turns <= static_cast<int>(kClients) + 2, "one turn each");

  // Nobody is waiting now: the listener is quiet, and all that is left to read is the stop.
  require(loop.poller().wait(0).size() <= 1, "the listener is quiet");
  std::_Exit(kAllRight);
}

TEST(LoopDeathTest, OutOfDescriptorsItRefusesWithoutSpinning) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(run_out_of_descriptors(), testing::ExitedWithCode(kAllRight), "");
}

// The handler may keep the last one; whoever comes then waits, and nothing spins.
[[noreturn]] void keep_the_last() {
  Script script;
  script.keeps_last = true;
  Fd listener = listener_v4();
  const Endpoint bound = bound_endpoint(listener);
  Loop loop(script, only(std::move(listener)));
  const Fd first = connected_client(bound);
  const Fd second = connected_client(bound);
  std::vector<Fd> hogs = take_all_descriptors();
  script.on_end_turn = [&] {
    if (script.turns == 4) {
      require(script.connections.size() == 1, "only the first was taken");
      hogs.clear();
    }
    if (script.connections.size() == 2 || script.turns > 20) loop.stop();
    return false;
  };
  loop.run();
  require(script.connections.size() == 2, "the second was taken when there was room");
  std::_Exit(kAllRight);
}

TEST(LoopDeathTest, TheLastDescriptorMayBeKeptByTheHandler) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(keep_the_last(), testing::ExitedWithCode(kAllRight), "");
}

[[noreturn]] void recover_descriptors() {
  Script script;
  Fd listener = listener_v4();
  const Endpoint bound = bound_endpoint(listener);
  Loop loop(script, only(std::move(listener)));
  const Fd refused = connected_client(bound);
  require(::fcntl(refused.get(), F_SETFL, O_NONBLOCK) == 0, "a client that never blocks");
  Fd later = client_socket(AF_INET);  // its descriptor is needed before they run out

  std::vector<Fd> hogs = take_all_descriptors();

  script.on_end_turn = [&] {
    std::array<char, 1> byte;
    if (!hogs.empty() && receive(refused.get(), byte).status == IoResult::Status::kClosed) {
      hogs.clear();
      require(connect_to(later, bound), "a second client connects");
    }
    if (!script.connections.empty() || script.turns > 100'000) loop.stop();
    return true;
  };
  loop.run();
  require(hogs.empty(), "the first was refused");
  require(script.connections.size() == 1, "the second was accepted");
  require(script.peers[0].second == bound_endpoint(later), "and it is the second");
  std::_Exit(kAllRight);
}

TEST(LoopDeathTest, WithDescriptorsBackItAcceptsAgain) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(recover_descriptors(), testing::ExitedWithCode(kAllRight), "");
}

}  // namespace
}  // namespace reactor

// A loop's listeners: whom they hand over, and when they rest or close.
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/reactor/loop_script.h"
#include "tests/reactor/loopback.h"
#include "tests/support/eventually.h"

namespace reactor {
namespace {

using namespace testing_loopback;

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
    EXPECT_TRUE(support::eventually([&] { return accepted[0] + accepted[1] >= kRound; }));
    fewest = std::min(accepted[0].load(), accepted[1].load());
  }
  first.stop();
  second.stop();
  first_thread.join();
  second_thread.join();
  EXPECT_GE(fewest, kRound / 4);
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

}  // namespace
}  // namespace reactor

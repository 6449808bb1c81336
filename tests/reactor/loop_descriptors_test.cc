// A loop without descriptors. Each test is a process of its own, as it takes them all.
#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <gtest/gtest.h>

#include "tests/reactor/loop_script.h"
#include "tests/reactor/loopback.h"

namespace reactor {
namespace {

using namespace testing_loopback;

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

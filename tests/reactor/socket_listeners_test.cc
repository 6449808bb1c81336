// Listeners: whose the port is, who shares it, and who gets a connection.
#include "reactor/socket.h"

#include <fcntl.h>

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/reactor/loopback.h"

namespace reactor {
namespace {

using namespace testing_loopback;

// A listener on a free port that some other program might hold.
struct Stranger {
  Fd fd;
  Endpoint bound;
};

enum class Sharing { kNone, kReuseAddress, kReusePort };

Stranger stranger(Sharing sharing) {
  Stranger other;
  other.fd = client_socket(AF_INET);
  const int on = 1;
  if (sharing != Sharing::kNone) {
    ::setsockopt(other.fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  }
  if (sharing == Sharing::kReusePort) {
    ::setsockopt(other.fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  }
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::bind(other.fd.get(), reinterpret_cast<const sockaddr*>(&in), sizeof in), 0);
  EXPECT_EQ(::listen(other.fd.get(), 8), 0);
  other.bound = bound_endpoint(other.fd);
  return other;
}

bool has_ipv6() {
  const auto listeners = listen_on(endpoint("[::1]:0"), 1);
  return listeners.ok();
}

TEST(ListenOn, PortZeroIsAFreePortThatAllShare) {
  const auto listeners = listen_on(any_port_v4(), 4);
  ASSERT_TRUE(listeners.ok()) << listeners.error();
  ASSERT_EQ(listeners->size(), 4u);
  const Endpoint first = bound_endpoint(listeners->front());
  EXPECT_NE(first.port, 0);
  for (const Fd& fd : *listeners) EXPECT_EQ(bound_endpoint(fd), first);
}

TEST(ListenOn, ConnectionsSpreadOverAllListeners) {
  const auto listeners = listen_on(any_port_v4(), 4);
  ASSERT_TRUE(listeners.ok()) << listeners.error();
  const Endpoint bound = bound_endpoint(listeners->front());
  // By a hash of the ports: 4 * (3/4)^200 is the chance that one of the four gets nothing.
  std::vector<Fd> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(connected_client(bound));
  std::size_t accepted_of_all = 0;
  std::vector<pollfd> polled;
  for (const Fd& fd : *listeners) polled.push_back({fd.get(), POLLIN, 0});
  std::array<std::size_t, 4> counts{};
  while (accepted_of_all < clients.size()) {
    ASSERT_GT(::poll(polled.data(), polled.size(), kPatienceMs), 0);
    for (std::size_t i = 0; i < listeners->size(); ++i) {
      while (accept_one((*listeners)[i]).status == Accepted::Status::kOk) {
        ++counts[i];
        ++accepted_of_all;
      }
    }
  }
  EXPECT_EQ(accepted_of_all, clients.size());
  for (const std::size_t count : counts) EXPECT_GT(count, 0u);
}

TEST(ListenOn, ASecondServerOfOursOnThePortIsAnError) {
  const auto first = listen_on(any_port_v4(), 2);
  ASSERT_TRUE(first.ok()) << first.error();
  const Endpoint bound = bound_endpoint(first->front());
  for (const std::size_t count : {1u, 2u}) {
    const auto second = listen_on(bound, count);
    ASSERT_FALSE(second.ok()) << count;
    EXPECT_EQ(second.error(), "cannot listen on " + bound.to_string() + ": the port is in use");
  }
}

TEST(ListenOn, APortInUseIsAnErrorHoweverTheOtherSharesIt) {
  for (const Sharing sharing : {Sharing::kNone, Sharing::kReuseAddress, Sharing::kReusePort}) {
    const Stranger other = stranger(sharing);
    const auto ours = listen_on(other.bound, 1);
    ASSERT_FALSE(ours.ok()) << static_cast<int>(sharing);
    EXPECT_NE(ours.error().find("the port is in use"), std::string::npos) << ours.error();
  }
}

TEST(ListenOn, TheWildcardClashesWithAListenerOnOneAddress) {
  const Stranger other = stranger(Sharing::kReusePort);
  EXPECT_FALSE(listen_on(endpoint("0.0.0.0:" + std::to_string(other.bound.port)), 1).ok());
}

TEST(ListenOn, ThePortIsFreeAgainAfterTheListenersAreClosed) {
  Endpoint bound;
  Fd client;
  {
    const auto first = listen_on(any_port_v4(), 2);
    ASSERT_TRUE(first.ok()) << first.error();
    bound = bound_endpoint(first->front());
    // A connection that the server closed first leaves a TIME_WAIT behind.
    client = connected_client(bound);
    for (const Fd& fd : *first) accept_one(fd);  // one of them has it
  }
  const auto second = listen_on(bound, 2);
  EXPECT_TRUE(second.ok()) << second.error();
}

TEST(ListenOn, BothFamiliesStandBesideEachOtherOnOnePort) {
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 on this machine";
  // The free port of one family may be taken in the other; then try the next.
  for (int attempt = 0; attempt < 50; ++attempt) {
    const auto v4 = listen_on(endpoint("0.0.0.0:0"), 2);
    ASSERT_TRUE(v4.ok()) << v4.error();
    const std::uint16_t port = bound_endpoint(v4->front()).port;
    const auto v6 = listen_on(endpoint("[::]:" + std::to_string(port)), 2);
    if (!v6.ok()) continue;
    const Fd client_v4 = connected_client(endpoint("127.0.0.1:" + std::to_string(port)));
    const Fd client_v6 = connected_client(endpoint("[::1]:" + std::to_string(port)));
    const auto peers = [](const std::vector<Fd>& listeners) {
      std::vector<Endpoint> found;
      std::vector<pollfd> polled;
      for (const Fd& fd : listeners) polled.push_back({fd.get(), POLLIN, 0});
      EXPECT_GT(::poll(polled.data(), polled.size(), kPatienceMs), 0);
      for (const Fd& fd : listeners) {
        Accepted accepted = accept_one(fd);
        if (accepted.status == Accepted::Status::kOk) found.push_back(accepted.peer);
      }
      return found;
    };
    EXPECT_EQ(peers(*v4), std::vector{bound_endpoint(client_v4)});
    EXPECT_EQ(peers(*v6), std::vector{bound_endpoint(client_v6)});
    return;
  }
  FAIL() << "no port was free in both families in 50 attempts";
}

TEST(ListenOn, AnAddressOfAnotherMachineIsASentence) {
  // TEST-NET-1 of RFC 5737 belongs to nobody.
  const auto listeners = listen_on(endpoint("192.0.2.1:0"), 1);
  ASSERT_FALSE(listeners.ok());
  EXPECT_EQ(listeners.error(),
            "cannot listen on 192.0.2.1:0: this machine does not have the address");
}

TEST(ListenOn, ListenersDoNotBlockAndAreClosedOnExec) {
  const Fd listener = listener_v4();
  EXPECT_NE(::fcntl(listener.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(listener.get(), F_GETFD) & FD_CLOEXEC, 0);
}

}  // namespace
}  // namespace reactor

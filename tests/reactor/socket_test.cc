#include "reactor/socket.h"

#include <fcntl.h>
#include <netinet/tcp.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/reactor/loopback.h"

namespace reactor {
namespace {

using namespace testing_loopback;

using Status = IoResult::Status;

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

int option(const Fd& fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(fd.get(), level, name, &value, &size), 0);
  return value;
}

TEST(SetPatience, IsInheritedByWhatTheListenerAccepts) {
  const auto listeners = listen_on(any_port_v4(), 1);
  ASSERT_TRUE(listeners.ok()) << listeners.error();
  set_patience(listeners->front(), {.unacknowledged_s = 7, .silent_s = 9});
  const Fd client = connected_client(bound_endpoint(listeners->front()));
  const Fd accepted = accept_one(listeners->front()).fd;
  ASSERT_TRUE(accepted);
  EXPECT_EQ(option(accepted, IPPROTO_TCP, TCP_USER_TIMEOUT), 7000);
  EXPECT_EQ(option(accepted, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option(accepted, IPPROTO_TCP, TCP_KEEPIDLE), 9);
  EXPECT_EQ(option(accepted, IPPROTO_TCP, TCP_KEEPINTVL), 3);
  EXPECT_EQ(option(accepted, IPPROTO_TCP, TCP_KEEPCNT), 3);
}

TEST(SetPatience, ZeroLeavesItToTheSystem) {
  const auto listeners = listen_on(any_port_v4(), 1);
  ASSERT_TRUE(listeners.ok()) << listeners.error();
  set_patience(listeners->front(), {});
  EXPECT_EQ(option(listeners->front(), IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
  EXPECT_EQ(option(listeners->front(), SOL_SOCKET, SO_KEEPALIVE), 0);
}

std::size_t taken_for_one_who_does_not_read(const Fd& listener) {
  const Fd client = connected_client(bound_endpoint(listener), 4096);
  const Fd accepted = accept_one(listener).fd;
  EXPECT_TRUE(accepted);
  const std::string bytes(100'000, 'x');
  std::size_t taken = 0;
  for (;;) {
    const IoResult sent = send(accepted.get(), bytes);
    if (sent.status != Status::kOk) return taken;
    taken += sent.bytes;
  }
}

TEST(SetUnsentMax, BoundsWhatTheKernelTakesForOneWhoDoesNotRead) {
  constexpr std::uint32_t kMost = 64 * 1024;
  const auto listeners = listen_on(any_port_v4(), 1);
  ASSERT_TRUE(listeners.ok()) << listeners.error();
  const std::size_t by_itself = taken_for_one_who_does_not_read(listeners->front());
  EXPECT_GT(by_itself, 2 * kMost) << "this system bounds it by itself";
  set_unsent_max(listeners->front(), kMost);
  EXPECT_LE(taken_for_one_who_does_not_read(listeners->front()), 2 * kMost);
}

TEST(SetUnsentMax, ZeroLeavesItToTheSystem) {
  const auto listeners = listen_on(any_port_v4(), 1);
  ASSERT_TRUE(listeners.ok()) << listeners.error();
  const int before = option(listeners->front(), IPPROTO_TCP, TCP_NOTSENT_LOWAT);
  set_unsent_max(listeners->front(), 0);
  EXPECT_EQ(option(listeners->front(), IPPROTO_TCP, TCP_NOTSENT_LOWAT), before);
}

TEST(SetPatience, WhoTakesNothingForSoLongHasTimedOut) {
  const auto listeners = listen_on(any_port_v4(), 1);
  ASSERT_TRUE(listeners.ok()) << listeners.error();
  set_patience(listeners->front(), {.unacknowledged_s = 1});
  const std::string bytes(100'000, 'x');
  for (const bool asks : {true, false}) {
    const Fd client = connected_client(bound_endpoint(listeners->front()));
    const Fd accepted = accept_one(listeners->front()).fd;
    ASSERT_TRUE(accepted);
    while (send(accepted.get(), bytes).status == Status::kOk) {
    }
    pollfd polled{accepted.get(), 0, 0};
    ASSERT_EQ(::poll(&polled, 1, kPatienceMs), 1);
    if (asks) {
      EXPECT_TRUE(has_timed_out(accepted.get()));
      EXPECT_FALSE(has_timed_out(accepted.get())) << "the error was taken";
      EXPECT_EQ(send(accepted.get(), bytes).status, Status::kClosed);
    } else {
      EXPECT_EQ(send(accepted.get(), bytes).status, Status::kTimedOut);
    }
  }
}

TEST(HasTimedOut, WhoResetsHasNot) {
  Pair pair = connected_pair();
  reset_on_close(pair.client);
  pair.client.reset();
  pollfd polled{pair.server.get(), 0, 0};
  ASSERT_EQ(::poll(&polled, 1, kPatienceMs), 1);
  EXPECT_FALSE(has_timed_out(pair.server.get()));
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

TEST(AcceptOne, NobodyWaitingIsNothing) {
  const Fd listener = listener_v4();
  const Accepted accepted = accept_one(listener);
  EXPECT_EQ(accepted.status, Accepted::Status::kNothing);
  EXPECT_FALSE(accepted.fd);
}

TEST(AcceptOne, GivesTheConnectionAndItsPeer) {
  const Pair pair = connected_pair();
  ASSERT_TRUE(pair.server);
  EXPECT_EQ(pair.peer, bound_endpoint(pair.client));
  EXPECT_NE(::fcntl(pair.server.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(pair.server.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(AcceptOne, ConnectionsSendSmallMessagesAtOnce) {
  const Pair pair = connected_pair();
  int on = 0;
  socklen_t size = sizeof on;
  ASSERT_EQ(::getsockopt(pair.server.get(), IPPROTO_TCP, TCP_NODELAY, &on, &size), 0);
  EXPECT_NE(on, 0);
}

TEST(AcceptOne, TakesOneConnectionAtATime) {
  const Fd listener = listener_v4();
  const Fd first = connected_client(bound_endpoint(listener));
  const Fd second = connected_client(bound_endpoint(listener));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(await(listener.get(), POLLIN));
    EXPECT_EQ(accept_one(listener).status, Accepted::Status::kOk);
  }
  EXPECT_EQ(accept_one(listener).status, Accepted::Status::kNothing);
}

TEST(PeerOf, SaysWhoIsThereAndHowLongItHasBeenSilent) {
  const Pair pair = connected_pair();
  const Peer peer = peer_of(pair.server);
  EXPECT_EQ(peer.endpoint, bound_endpoint(pair.client));
  ASSERT_TRUE(peer.heard_ms);
  EXPECT_LT(*peer.heard_ms, 600'000u) << "a connection that has just begun";
}

TEST(PeerOf, OfAUnixSocketThereIsNothingToBeSaid) {
  int fds[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  const Fd one(fds[0]);
  const Fd other(fds[1]);
  const Peer peer = peer_of(one);
  EXPECT_FALSE(peer.endpoint);
  EXPECT_FALSE(peer.heard_ms);
}

TEST(SendAndReceive, BytesArrive) {
  const Pair pair = connected_pair();
  const IoResult sent = send(pair.client.get(), "hello");
  EXPECT_EQ(sent.status, Status::kOk);
  EXPECT_EQ(sent.bytes, 5u);
  ASSERT_TRUE(await(pair.server.get(), POLLIN));
  std::array<char, 64> buffer{};
  const IoResult got = receive(pair.server.get(), buffer);
  EXPECT_EQ(got.status, Status::kOk);
  EXPECT_EQ(std::string_view(buffer.data(), got.bytes), "hello");
}

TEST(SendAndReceive, ASmallBufferTakesThePartThatFits) {
  const Pair pair = connected_pair();
  send(pair.client.get(), "hello");
  ASSERT_TRUE(await(pair.server.get(), POLLIN));
  std::array<char, 3> buffer{};
  EXPECT_EQ(receive(pair.server.get(), buffer).bytes, 3u);
  EXPECT_EQ(receive(pair.server.get(), buffer).bytes, 2u);
}

TEST(SendAndReceive, NothingThereWouldBlock) {
  const Pair pair = connected_pair();
  std::array<char, 8> buffer{};
  const IoResult got = receive(pair.server.get(), buffer);
  EXPECT_EQ(got.status, Status::kWouldBlock);
  EXPECT_EQ(got.bytes, 0u);
}

TEST(SendAndReceive, WhatThePeerSentBeforeItsEndIsStillRead) {
  Pair pair = connected_pair();
  send(pair.client.get(), "bye");
  pair.client.reset();
  ASSERT_TRUE(await(pair.server.get(), POLLIN));
  std::array<char, 8> buffer{};
  EXPECT_EQ(receive(pair.server.get(), buffer).bytes, 3u);
  ASSERT_TRUE(await(pair.server.get(), POLLIN));
  const IoResult got = receive(pair.server.get(), buffer);
  EXPECT_EQ(got.status, Status::kClosed);
  EXPECT_EQ(got.bytes, 0u);
}

TEST(SendAndReceive, AResetIsClosed) {
  Pair pair = connected_pair();
  reset_on_close(pair.client);
  pair.client.reset();
  ASSERT_TRUE(await(pair.server.get(), POLLIN));
  std::array<char, 8> buffer{};
  EXPECT_EQ(receive(pair.server.get(), buffer).status, Status::kClosed);
}

TEST(SendAndReceive, SendingToWhoLeftIsClosedAndNoSignal) {
  Pair pair = connected_pair();
  reset_on_close(pair.client);
  pair.client.reset();
  ASSERT_TRUE(await(pair.server.get(), POLLIN));
  // First ECONNRESET, then EPIPE, which without MSG_NOSIGNAL would end the process.
  EXPECT_EQ(send(pair.server.get(), "x").status, Status::kClosed);
  EXPECT_EQ(send(pair.server.get(), "x").status, Status::kClosed);
}

TEST(SendAndReceive, AFullPipeWouldBlock) {
  const Pair pair = connected_pair(4096);
  const std::string block(64 * 1024, 'x');
  std::size_t total = 0;
  for (;;) {
    const IoResult sent = send(pair.server.get(), block);
    if (sent.status != Status::kOk) {
      EXPECT_EQ(sent.status, Status::kWouldBlock);
      EXPECT_EQ(sent.bytes, 0u);
      break;
    }
    ASSERT_GT(sent.bytes, 0u);
    total += sent.bytes;
    ASSERT_LT(total, std::size_t{1} << 30);
  }
  EXPECT_GT(total, 0u);
}

TEST(ShutDown, ThePeerReadsWhatWasSentAndThenTheEnd) {
  const Pair pair = connected_pair();
  send(pair.server.get(), "last words");
  shut_down(pair.server.get());
  std::array<char, 64> buffer{};
  const IoResult got = receive(pair.client.get(), buffer);  // blocks until it is there
  EXPECT_EQ(std::string_view(buffer.data(), got.bytes), "last words");
  EXPECT_EQ(receive(pair.client.get(), buffer).status, Status::kClosed);
}

TEST(ShutDown, NothingCanBeSentAfterwards) {
  const Pair pair = connected_pair();
  shut_down(pair.server.get());
  EXPECT_EQ(send(pair.server.get(), "x").status, Status::kClosed);
}

}  // namespace
}  // namespace reactor

// Connections: they are accepted, say who is there, send and receive, and end.
#include "reactor/socket.h"

#include <fcntl.h>
#include <netinet/tcp.h>

#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/reactor/loopback.h"

namespace reactor {
namespace {

using namespace testing_loopback;

using Status = IoResult::Status;

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

// For how long and with how much the kernel waits for a peer that says or takes nothing.
#include "reactor/socket.h"

#include <netinet/tcp.h>

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "tests/reactor/loopback.h"

namespace reactor {
namespace {

using namespace testing_loopback;

using Status = IoResult::Status;

int option(const Fd& fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(fd.get(), level, name, &value, &size), 0);
  return value;
}

TEST(SetPatience, IsInheritedByWhatTheListenerAccepts) {
  const Fd listener = listener_v4();
  set_patience(listener, {.unacknowledged_s = 7, .silent_s = 9});
  const Fd client = connected_client(bound_endpoint(listener));
  const Fd accepted = accept_one(listener).fd;
  ASSERT_TRUE(accepted);
  EXPECT_EQ(option(accepted, IPPROTO_TCP, TCP_USER_TIMEOUT), 7000);
  EXPECT_EQ(option(accepted, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option(accepted, IPPROTO_TCP, TCP_KEEPIDLE), 9);
  EXPECT_EQ(option(accepted, IPPROTO_TCP, TCP_KEEPINTVL), 3);
  EXPECT_EQ(option(accepted, IPPROTO_TCP, TCP_KEEPCNT), 3);
}

TEST(SetPatience, ZeroLeavesItToTheSystem) {
  const Fd listener = listener_v4();
  set_patience(listener, {});
  EXPECT_EQ(option(listener, IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
  EXPECT_EQ(option(listener, SOL_SOCKET, SO_KEEPALIVE), 0);
}

TEST(SetPatience, WhoTakesNothingForSoLongHasTimedOut) {
  const Fd listener = listener_v4();
  set_patience(listener, {.unacknowledged_s = 1});
  const std::string bytes(100'000, 'x');
  for (const bool asks : {true, false}) {
    const Fd client = connected_client(bound_endpoint(listener));
    const Fd accepted = accept_one(listener).fd;
    ASSERT_TRUE(accepted);
    while (send(accepted.get(), bytes).status == Status::kOk) {
    }
    ASSERT_TRUE(await(accepted.get(), 0));
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
  ASSERT_TRUE(await(pair.server.get(), 0));
  EXPECT_FALSE(has_timed_out(pair.server.get()));
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
  const Fd listener = listener_v4();
  const std::size_t by_itself = taken_for_one_who_does_not_read(listener);
  EXPECT_GT(by_itself, 2 * kMost) << "this system bounds it by itself";
  set_unsent_max(listener, kMost);
  EXPECT_LE(taken_for_one_who_does_not_read(listener), 2 * kMost);
}

TEST(SetUnsentMax, ZeroLeavesItToTheSystem) {
  const Fd listener = listener_v4();
  const int before = option(listener, IPPROTO_TCP, TCP_NOTSENT_LOWAT);
  set_unsent_max(listener, 0);
  EXPECT_EQ(option(listener, IPPROTO_TCP, TCP_NOTSENT_LOWAT), before);
}

}  // namespace
}  // namespace reactor

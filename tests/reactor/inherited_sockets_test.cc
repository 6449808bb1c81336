#include "reactor/inherited_sockets.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reactor/unix_socket.h"
#include "tests/reactor/loopback.h"
#include "tests/support/temp_folder.h"

namespace reactor {
namespace {

using namespace testing_loopback;
using testing::HasSubstr;

// A duplicate, blocking and inheritable, as a manager hands it over: its number is the receiver's.
int handed_over(const Fd& fd) {
  const int number = ::fcntl(fd.get(), F_DUPFD, 0);
  EXPECT_EQ(::fcntl(number, F_SETFL, ::fcntl(number, F_GETFL) & ~O_NONBLOCK), 0);
  return number;
}

TEST(InheritedSockets, ATcpSocketIsMadeFitAndTellsItsEndpoint) {
  const Fd listener = listener_v4();
  const auto sockets = adopt_sockets(handed_over(listener), 1, "front");
  ASSERT_TRUE(sockets.ok()) << sockets.error();
  ASSERT_EQ(sockets->size(), 1u);
  const InheritedSocket& socket = sockets->front();
  EXPECT_EQ(socket.name, "front");
  EXPECT_EQ(socket.endpoint, bound_endpoint(listener));
  EXPECT_NE(::fcntl(socket.fd.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(::fcntl(socket.fd.get(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(accept_one(socket.fd).status, Accepted::Status::kNothing);
  const Fd client = connected_client(bound_endpoint(listener));
  ASSERT_TRUE(await(socket.fd.get(), POLLIN));
  EXPECT_EQ(accept_one(socket.fd).status, Accepted::Status::kOk);
}

TEST(InheritedSockets, AUnixSocketTellsItsPath) {
  const support::TempFolder folder;
  const auto listener = listen_on_unix(folder.file("a.sock"), 0600);
  ASSERT_TRUE(listener.ok());
  const auto sockets = adopt_sockets(handed_over(listener->fd), 1, "admin");
  ASSERT_TRUE(sockets.ok()) << sockets.error();
  EXPECT_EQ(sockets->front().endpoint, std::nullopt);
  EXPECT_EQ(sockets->front().path, folder.file("a.sock"));
}

TEST(InheritedSockets, WhatDoesNotListenIsOneSentence) {
  const Pair pair = connected_pair();
  const auto sockets = adopt_sockets(handed_over(pair.client), 1, "front");
  ASSERT_FALSE(sockets.ok());
  EXPECT_EQ(sockets.error(), "the inherited socket \"front\" is not a stream socket that listens");
  const int null = ::open("/dev/null", O_RDONLY);
  EXPECT_FALSE(adopt_sockets(null, 1, "front:admin").ok());
  EXPECT_EQ(::fcntl(null, F_GETFD), -1);  // closed all the same
}

TEST(InheritedSockets, WhatIsMeantForAnotherProcessIsLeftAlone) {
  ::setenv("LISTEN_PID", "1", 1);
  ::setenv("LISTEN_FDS", "1", 1);
  ::setenv("LISTEN_FDNAMES", "front", 1);
  const auto sockets = take_inherited_sockets();
  ASSERT_TRUE(sockets.ok());
  EXPECT_TRUE(sockets->empty());
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
    EXPECT_EQ(::getenv(name), nullptr) << name;
  }
}

TEST(InheritedSockets, ANumberThatIsNoneIsOneSentence) {
  for (const std::string bad : {"", "-1", "x", "65", "1 "}) {
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", bad.c_str(), 1);
    const auto sockets = take_inherited_sockets();
    ASSERT_FALSE(sockets.ok()) << bad;
    EXPECT_THAT(sockets.error(), HasSubstr("LISTEN_FDS=" + bad));
  }
}

}  // namespace
}  // namespace reactor

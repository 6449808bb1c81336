// The program under a service manager: sockets that it is handed, and what it tells (the protocols
// themselves: tests/reactor/inherited_sockets_test.cc, service_notifier_test.cc).
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "reactor/fd.h"
#include "tests/support/http_client.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace support {
namespace {

constexpr int kFirstInherited = 3;  // SD_LISTEN_FDS_START

// A listening socket on a free port of loopback, as a socket unit opens one.
class OpenedSocket {
 public:
  OpenedSocket() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd_.get(), generic, size) != 0 || ::listen(fd_.get(), 64) != 0 ||
        ::getsockname(fd_.get(), generic, &size) != 0) {
      throw ClientError("no listening socket");
    }
    port_ = ntohs(address.sin_port);
  }

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  reactor::Fd fd_;
  std::uint16_t port_ = 0;
};

class ServiceManagerTest : public testing::Test {
 protected:
  ServiceManagerTest() : notices_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(notices_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw ClientError("no socket at " + path_);
    }
  }

  // In the process that becomes the server: its environment and descriptors as sd_listen_fds(3) and
  // sd_notify(3) describe them.
  void hand_over() const {
    // Out of the way first, as one may stand where the other belongs.
    constexpr int kAside = 100;
    const std::array<int, 2> aside{::dup2(front_.fd(), kAside), ::dup2(admin_.fd(), kAside + 1)};
    for (int i = 0; i < 2; ++i) {
      ::dup2(aside[static_cast<std::size_t>(i)], kFirstInherited + i);
      ::close(aside[static_cast<std::size_t>(i)]);
    }
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", "2", 1);
    ::setenv("LISTEN_FDNAMES", "front:admin", 1);
    ::setenv("NOTIFY_SOCKET", path_.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "1000000", 1);
  }

  // The next notice that begins so; those before it are passed over.
  std::string await_notice(std::string_view beginning) {
    const auto end = Clock::now() + patience();
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
      pollfd entry{notices_.get(), POLLIN, 0};
      if (left.count() <= 0 || ::poll(&entry, 1, static_cast<int>(left.count())) <= 0) {
        throw ClientError("should be told " + std::string(beginning));
      }
      std::array<char, 4096> bytes{};
      const ssize_t got = ::recv(notices_.get(), bytes.data(), bytes.size(), 0);
      const std::string notice(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      if (notice.starts_with(beginning)) return notice;
    }
  }

  static std::string body(Client& client, const std::string& target) {
    client.get(target);
    return client.read_response().body;
  }

  TempFolder folder_;
  std::string path_ = folder_.file("notify.sock");
  reactor::Fd notices_;
  OpenedSocket front_;
  OpenedSocket admin_;
};

TEST_F(ServiceManagerTest, TheServerListensOnTheSocketsThatItIsHanded) {
  const ServerProcess server({"reactors=2"}, {}, 0, [&] { hand_over(); });
  EXPECT_EQ(server.front_port(), front_.port());
  EXPECT_EQ(server.admin_port(), admin_.port());
  Client subscriber(front_.port());
  EXPECT_EQ(body(subscriber, "/ping?cb="), "{\"type\":\"ping\",\"sub_timeout\":30}\n");
  Client admin(admin_.port());
  EXPECT_EQ(body(admin, "/push?cname=a&content=b"), "{\"type\":\"ok\"}\n");
}

TEST_F(ServiceManagerTest, WhoComesBetweenTwoServersWaitsAndIsAnswered) {
  {
    ServerProcess first({"reactors=2"}, {}, 0, [&] { hand_over(); });
    first.signal(SIGTERM);
    const int status = first.wait();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
  Client early(front_.port());
  early.get("/ping?cb=");
  const ServerProcess second({"reactors=2"}, {}, 0, [&] { hand_over(); });
  EXPECT_EQ(early.read_response().body, "{\"type\":\"ping\",\"sub_timeout\":30}\n");
}

TEST_F(ServiceManagerTest, TheManagerIsToldOfStartReloadLifeAndStop) {
  ServerProcess server({"reactors=2"}, {}, 0, [&] { hand_over(); });
  const std::string ready = await_notice("READY=1\n");
  EXPECT_NE(ready.find("\nSTATUS=comet-server "), std::string::npos) << ready;
  EXPECT_NE(ready.find("127.0.0.1:" + std::to_string(front_.port())), std::string::npos) << ready;
  EXPECT_EQ(await_notice("WATCHDOG=1"), "WATCHDOG=1\n");
  server.signal(SIGHUP);
  const std::string reloading = await_notice("RELOADING=1\n");
  EXPECT_NE(reloading.find("\nMONOTONIC_USEC="), std::string::npos) << reloading;
  await_notice("READY=1\n");
  server.signal(SIGTERM);
  EXPECT_EQ(await_notice("STOPPING=1\n"), "STOPPING=1\nSTATUS=draining\n");
  const int status = server.wait();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace support

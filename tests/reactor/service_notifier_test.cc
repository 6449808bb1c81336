#include "reactor/service_notifier.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/reactor/loopback.h"
#include "tests/support/temp_folder.h"

namespace reactor {
namespace {

using namespace testing_loopback;
using namespace std::chrono_literals;

// What a service manager has: a datagram socket at a path, or at an abstract name ("@...").
class ManagerSocket {
 public:
  explicit ManagerSocket(const std::string& name)
      : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  }
  // The next message, which is there already: a datagram arrives with its send(2).
  std::string next() {
    std::array<char, 512> bytes{};
    const ssize_t size = ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    return size < 0 ? "none" : std::string(bytes.data(), static_cast<std::size_t>(size));
  }

 private:
  Fd fd_;
};

TEST(ServiceNotifier, TellsWhatThereIsToTell) {
  const support::TempFolder folder;
  const std::string abstract = "@comet-test-" + std::to_string(::getpid());
  for (const std::string& name : {folder.file("notify"), abstract}) {
    ManagerSocket manager(name);
    const ServiceNotifier notifier(name, std::nullopt);
    notifier.ready("serving");
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=serving\n");
    notifier.alive();
    EXPECT_EQ(manager.next(), "WATCHDOG=1\n");
    notifier.stopping("draining");
    EXPECT_EQ(manager.next(), "STOPPING=1\nSTATUS=draining\n");
    notifier.reloading();
    const std::string reloading = manager.next();
    EXPECT_TRUE(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC=")) << reloading;
    EXPECT_TRUE(reloading.ends_with("\n"));
    EXPECT_EQ(manager.next(), "none");
  }
}

TEST(ServiceNotifier, WhereNobodyListensNothingHappens) {
  for (const std::string& name : {std::string(), std::string("/nowhere/notify"),
                                  std::string("relative"), "/" + std::string(200, 'x')}) {
    ServiceNotifier(name, 1s).alive();
  }
  EXPECT_EQ(ServiceNotifier("", 1s).watchdog_interval(), std::nullopt);
}

TEST(ServiceNotifier, PingsFourTimesWithinTheManagersPatience) {
  EXPECT_EQ(ServiceNotifier("/a", std::nullopt).watchdog_interval(), std::nullopt);
  EXPECT_EQ(ServiceNotifier("/a", 20s).watchdog_interval(), 5s);
  EXPECT_EQ(ServiceNotifier("/a", 1us).watchdog_interval(), 1ms);
}

TEST(ServiceNotifier, TakesItsVariablesOutOfTheEnvironment) {
  const support::TempFolder folder;
  ManagerSocket manager(folder.file("notify"));
  const auto from = [&](const std::string& usec, const std::string& pid) {
    ::setenv("NOTIFY_SOCKET", folder.file("notify").c_str(), 1);
    ::setenv("WATCHDOG_USEC", usec.c_str(), 1);
    ::setenv("WATCHDOG_PID", pid.c_str(), 1);
    const ServiceNotifier notifier = ServiceNotifier::from_environment();
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
      EXPECT_EQ(::getenv(name), nullptr) << name;
    }
    return notifier;
  };
  const std::string here = std::to_string(::getpid());
  EXPECT_EQ(from("4000000", here).watchdog_interval(), 1s);
  EXPECT_EQ(from("4000000", "").watchdog_interval(), 1s);
  EXPECT_EQ(from("4000000", "1").watchdog_interval(), std::nullopt);
  EXPECT_EQ(from("0", here).watchdog_interval(), std::nullopt);
  EXPECT_EQ(from("soon", here).watchdog_interval(), std::nullopt);
  from("4000000", here).alive();
  EXPECT_EQ(manager.next(), "WATCHDOG=1\n");
  ServiceNotifier::from_environment().alive();
  EXPECT_EQ(manager.next(), "none");
}

}  // namespace
}  // namespace reactor

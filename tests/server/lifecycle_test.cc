// The program under signals: reloads, log rotation, the end (tests of the reload itself:
// reload_test.cc).
#include <signal.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/file_bytes.h"
#include "tests/support/http_client.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace support {
namespace {

class LifecycleTest : public testing::Test {
 protected:
  LifecycleTest() { write_config("polling_timeout = 30\n"); }

  void write_config(std::string_view front) const {
    std::ofstream out(config_);
    out << "[logger]\noutput = \"" << log_ << "\"\n[front]\n" << front;
  }

  // Reads the file again and again until it contains `part`.
  static std::string await_line(const std::string& path, std::string_view part) {
    std::string text;
    const auto contains_part = [&] {
      text = file_bytes(path);
      return text.find(part) != std::string::npos;
    };
    if (eventually(contains_part)) return text;
    throw ClientError(path + " should come to contain " + std::string(part) + ": " + text);
  }

  [[nodiscard]] static std::string ping(Client& client) {
    client.get("/ping?cb=");
    return client.read_response().body;
  }

  TempFolder folder_;
  std::string config_ = folder_.file("comet.toml");
  std::string log_ = folder_.file("comet.log");
};

TEST_F(LifecycleTest, AHangUpReloadsAndKeepsConnections) {
  ServerProcess server({"reactors=2"}, {"--config", config_});
  await_line(log_, "info serving, version ");
  Client client(server.front_port());
  EXPECT_EQ(ping(client), "{\"type\":\"ping\",\"sub_timeout\":30}\n");
  write_config("polling_timeout = 77\n");
  server.signal(SIGHUP);
  await_line(log_, "reload: front.polling_timeout: 30 -> 77\n");
  EXPECT_EQ(ping(client), "{\"type\":\"ping\",\"sub_timeout\":77}\n");
}

TEST_F(LifecycleTest, ABrokenFileKeepsTheFormerConfigurationAndSaysWhereItBroke) {
  ServerProcess server({"reactors=2"}, {"--config", config_});
  Client client(server.front_port());
  write_config("polling_timeout = 77\npolling_timeot = 1\n");
  server.signal(SIGHUP);
  await_line(log_, config_ +
                       ":5:1: unknown key front.polling_timeot; did you mean "
                       "front.polling_timeout?");
  EXPECT_EQ(ping(client), "{\"type\":\"ping\",\"sub_timeout\":30}\n");
}

TEST_F(LifecycleTest, AFileThatWasRotatedIsOpenedAnew) {
  ServerProcess server({"reactors=1"}, {"--config", config_});
  server.signal(SIGHUP);
  await_line(log_, "reload: nothing changed");
  std::filesystem::rename(log_, log_ + ".1");
  server.signal(SIGUSR1);
  // Of two pending signals the lower number is taken first: wait until this one was answered.
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(log_); }));
  server.signal(SIGHUP);
  await_line(log_, "reload: nothing changed");
  server.signal(SIGTERM);
  const int status = server.wait();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

bool exited_well(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }

TEST_F(LifecycleTest, ToldToStopItSendsItsSubscribersAwayAndExits) {
  ServerProcess server({"reactors=2", "drain_timeout=3600"});
  std::vector<Client> polls;
  for (int i = 0; i < 8; ++i) {
    polls.emplace_back(server.front_port());
    polls.back().get(
        "/sub?cname=a");  // tells the next number, which is that of the channel's first
    EXPECT_EQ(polls.back().read_response().status, 200);
    polls.back().get("/sub?cname=a&seq=1");
  }
  Client admin(server.admin_port());
  for (std::string info; info.find("\"subscribers\": 8,") == std::string::npos;) {
    admin.get("/info?cname=a");
    info = admin.read_response().body;
  }
  server.signal(SIGTERM);
  for (Client& poll : polls) {
    const Response response = poll.read_response();
    EXPECT_NE(response.body.find("\"type\":\"noop\""), std::string::npos) << response.body;
    EXPECT_EQ(response.header("connection"), "close");
  }
  EXPECT_TRUE(exited_well(server.wait()));
}

TEST_F(LifecycleTest, ASecondSignalEndsADrainAtOnce) {
  ServerProcess server({"reactors=2", "drain_timeout=3600", "limits.header_timeout=3600"},
                       {"--config", config_});
  // A connection whose request has begun keeps the drain going until it is answered.
  Client client(server.front_port());
  EXPECT_EQ(ping(client), "{\"type\":\"ping\",\"sub_timeout\":30}\n");
  client.send("GET /pi");
  server.signal(SIGINT);
  await_line(log_, "draining");
  Client admin(server.admin_port());
  admin.get("/check?cname=a");
  EXPECT_EQ(admin.read_response().status, 200);
  server.signal(SIGTERM);
  EXPECT_TRUE(exited_well(server.wait()));
  client.expect_end();
}

}  // namespace
}  // namespace support

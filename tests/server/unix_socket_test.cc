// Listeners on Unix sockets.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/server_test.h"
#include "tests/support/temp_folder.h"

namespace support {
namespace {

class UnixSocketServerTest : public ServerTest {
 protected:
  [[nodiscard]] comet::Config unix_config() const {
    comet::Config with_sockets = config();
    with_sockets.front.listen.push_back("unix:" + front_);
    with_sockets.admin.listen.push_back("unix:" + admin_ + " mode=0600");
    return with_sockets;
  }

  static Response ask(const std::string& path, std::string_view target) {
    Client client = Client::on_unix_socket(path);
    client.get(target, "Connection: close\r\n");
    return client.read_response();
  }

  TempFolder folder_;
  std::string front_ = folder_.file("front.sock");
  std::string admin_ = folder_.file("admin.sock");
};
RUN_WITH_1_2_AND_4_REACTORS(UnixSocketServerTest);

TEST_P(UnixSocketServerTest, SubscribersAndPublishersMeetWhateverTheyCameOver) {
  const RunningServer own(unix_config());
  std::vector<Client> subscribers;
  for (int i = 0; i < 12; ++i) {
    subscribers.push_back(i % 2 == 0 ? Client::on_unix_socket(front_) : own.front());
    subscribers.back().get("/stream?cname=a&seq=1");
    EXPECT_EQ(subscribers.back().read_head().status, 200);
  }
  EXPECT_EQ(ask(admin_, "/push?cname=a&content=one").body, "{\"type\":\"ok\"}\n");
  own.push("a", "two");
  for (Client& subscriber : subscribers) {
    EXPECT_EQ(subscriber.next_chunk(), data("a", 1, "one") + "\n");
    EXPECT_EQ(subscriber.next_chunk(), data("a", 2, "two") + "\n");
  }
  EXPECT_EQ(ask(front_, "/sub?cname=a&seq=2").body, "[" + data("a", 2, "two") + "]\n");
}

TEST_P(UnixSocketServerTest, EachPortAnswersWhatIsItsOwn) {
  const RunningServer own(unix_config());
  EXPECT_EQ(ask(front_, "/info").status, 404);
  EXPECT_EQ(ask(admin_, "/poll?cname=a").status, 404);
}

TEST_P(UnixSocketServerTest, WhoMayOpenTheFileMayUseTheAdminPort) {
  comet::Config closed = unix_config();
  closed.admin.allow = {};
  closed.admin.deny = {"all"};
  const RunningServer own(closed);
  EXPECT_EQ(own.admin_get("/info").status, 403);
  EXPECT_EQ(ask(admin_, "/info").status, 200);
}

TEST_P(UnixSocketServerTest, TheFilesAreThereWhileTheServerRuns) {
  {
    RunningServer own(unix_config());
    EXPECT_TRUE(std::filesystem::is_socket(front_));
    const auto permissions = std::filesystem::status(admin_).permissions();
    EXPECT_EQ(permissions,
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    own.stop();
    EXPECT_FALSE(std::filesystem::exists(front_));
    EXPECT_FALSE(std::filesystem::exists(admin_));
  }
  const RunningServer again(unix_config());
  EXPECT_EQ(ask(admin_, "/info").status, 200);
}

TEST_P(UnixSocketServerTest, ASecondServerOnTheSameSocketDoesNotStart) {
  const RunningServer own(unix_config());
  EXPECT_THROW(RunningServer{unix_config()}, ClientError);
  EXPECT_EQ(ask(admin_, "/info").status, 200);
}

TEST_P(UnixSocketServerTest, ManyClientsOneAfterAnotherAreAllAnswered) {
  const RunningServer own(unix_config());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ask(front_, "/ping").status, 200);
  std::vector<Client> together;
  for (int i = 0; i < 100; ++i) {
    together.push_back(Client::on_unix_socket(front_));
    together.back().get("/ping");
  }
  for (Client& client : together) EXPECT_EQ(client.read_response().status, 200);
}

}  // namespace
}  // namespace support

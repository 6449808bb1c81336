// kill -9 at any moment: no number is used twice, and who comes back with its number sees each
// message at most once, in order, and is told of every gap.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>

#include <absl/cleanup/cleanup.h>
#include <gtest/gtest.h>

#include "tests/support/running_server.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace support {
namespace {

// A client that reads a channel through any number of servers.
class Follower {
 public:
  explicit Follower(std::string name) : name_(std::move(name)) {}

  // Until the connection ends.
  void follow(std::uint16_t front_port) {
    try {
      Client client(front_port);
      client.get("/stream?cname=" + name_ + "&seq=" + std::to_string(expected_));
      if (client.read_head().status != 200) return;
      while (const auto chunk = client.next_chunk()) take(*chunk);
    } catch (const ClientError&) {
      // Killed in the middle of a chunk, or before it accepted.
    }
  }
  [[nodiscard]] std::uint64_t received() const { return received_.load(); }
  [[nodiscard]] std::uint64_t expected() const { return expected_; }
  [[nodiscard]] int gaps() const { return gaps_; }
  [[nodiscard]] bool has(const std::string& content) const { return contents_.contains(content); }

 private:
  void take(const std::string& json) {
    const std::uint64_t seq = seq_of(json);
    if (json.find("\"type\":\"next_seq\"") != std::string::npos) {
      EXPECT_GE(seq, expected_) << json;
      if (seq > expected_) ++gaps_;
      expected_ = seq;
      return;
    }
    if (json.find("\"type\":\"data\"") == std::string::npos) return;
    EXPECT_EQ(seq, expected_) << "a gap that was not told, or a number that was used: " << json;
    const std::string content = json.substr(json.find("\"content\":"));
    EXPECT_TRUE(contents_.insert(content).second) << "twice: " << json;
    expected_ = seq + 1;
    received_.fetch_add(1);
  }

  const std::string name_;
  std::uint64_t expected_ = 1;
  int gaps_ = 0;
  std::set<std::string> contents_;
  std::atomic<std::uint64_t> received_{0};
};

class CrashTest : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> settings() const {
    return {"reactors=2", "state_file=" + path_, "state_interval=1", "front.channel_timeout=600",
            "logger.level=error"};
  }
  // A snapshot waits for the disk, which may be busy with others' work.
  template <class Condition>
  static bool await(Condition condition) {
    return eventually(condition, 2 * patience());
  }
  // A snapshot has a new inode, as it is written beside and renamed.
  [[nodiscard]] std::filesystem::file_time_type saved() const {
    std::error_code none;
    return std::filesystem::last_write_time(path_, none);
  }

  // In memory where that can be: a process is killed here and not the machine, and a busy disk
  // takes seconds for an fsync(2), in which hundreds of thousands of numbers are given out.
  TempFolder folder_{::access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : testing::TempDir()};
  std::string path_ = folder_.file("state");
};

TEST_F(CrashTest, KilledAtAnyMomentNoNumberIsUsedTwice) {
  std::mt19937_64 random(7);
  Follower follower("a");
  std::map<std::uint64_t, std::string> late;  // by number: of a channel that no snapshot has
  int pushed = 0;
  constexpr int kRounds = 6;
  for (int round = 0; round < kRounds; ++round) {
    ServerProcess server(settings());
    const auto saved_before = saved();
    auto reader = std::async(std::launch::async, [&] { follower.follow(server.front_port()); });
    auto publisher = std::async(std::launch::async, [&] {
      try {
        Client client(server.admin_port());
        for (;;) {
          client.get("/push?cname=a&content=m" + std::to_string(pushed++));
          if (client.read_response().status != 200) return;
        }
      } catch (const ClientError&) {
      }
    });
    // They end when the server does, whatever is found here.
    absl::Cleanup kill = [&server] { server.signal(SIGKILL); };
    // In every other round the server is killed some time after a snapshot, else before the first.
    EXPECT_TRUE(round % 2 == 0 || await([&] { return saved() != saved_before; }));
    const std::uint64_t until = follower.received() + 1 + random() % 400;
    EXPECT_TRUE(await([&] { return follower.received() >= until; }));

    Client admin(server.admin_port());
    for (int i = 0; i < 3; ++i) {
      admin.get("/push?cname=late&content=r" + std::to_string(round));
      EXPECT_EQ(admin.read_response().status, 200);
    }
    Client front(server.front_port());
    front.get("/stream?cname=late&seq=1");
    front.read_head();
    for (int messages = 0; messages < 3;) {
      const std::string json = front.next_chunk().value_or("");
      EXPECT_FALSE(json.empty());
      if (json.empty()) break;
      if (json.find("\"type\":\"data\"") == std::string::npos) continue;
      // One that was seen before comes from a snapshot, with the content that it had.
      const auto [seen, inserted] = late.emplace(seq_of(json), json);
      EXPECT_EQ(seen->second, json);
      if (json.find("\"r" + std::to_string(round) + "\"") != std::string::npos) ++messages;
    }
    std::move(kill).Invoke();
    server.wait();
    reader.get();
    publisher.get();
  }
  EXPECT_GE(follower.gaps(), kRounds - 1) << "each crash is a gap that the client is told of";
}

TEST_F(CrashTest, AfterASigtermNumbersGoOnExactly) {
  std::uint64_t next = 0;
  for (int round = 0; round < 3; ++round) {
    ServerProcess server(settings());
    Client front(server.front_port());
    front.get("/stream?cname=a&seq=" + std::to_string(next + 1));
    front.read_head();
    Client admin(server.admin_port());
    for (int i = 0; i < 3; ++i) {
      const std::string content = std::to_string(next);
      admin.get("/push?cname=a&content=" + content);
      EXPECT_EQ(admin.read_response().status, 200);
      EXPECT_EQ(front.next_chunk(), data("a", ++next, content) + "\n");
    }
    server.signal(SIGTERM);
    const int status = server.wait();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
}

}  // namespace
}  // namespace support

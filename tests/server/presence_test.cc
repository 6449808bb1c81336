// /psub and the life of a channel (API.md sections 5 and 6).
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/support/server_test.h"

namespace support {
namespace {

class PresenceTest : public ServerTest {
 protected:
  [[nodiscard]] comet::Config short_lived() const {
    comet::Config result = config();
    result.front.channel_timeout_s = 1;
    return result;
  }
};
RUN_WITH_1_2_AND_4_REACTORS(PresenceTest);

class Watcher {
 public:
  explicit Watcher(const RunningServer& server, std::string_view query = "")
      : client_(server.admin()) {
    client_.get("/psub" + std::string(query));
    head_ = client_.read_head();
    if (head_.status != 200 || !head_.chunked()) throw ClientError(head_.status_line);
  }

  [[nodiscard]] const Response& head() const { return head_; }
  std::string next() {
    const std::optional<std::string> chunk = client_.next_chunk();
    if (!chunk || chunk->empty()) throw ClientError("/psub ended");
    return *chunk;
  }
  // The next line that differs from `line`, which may be repeated as often as it likes.
  std::string next_but(const std::string& line) {
    std::string result = next();
    while (result == line) result = next();
    return result;
  }

 private:
  Client client_;
  Response head_;
};

TEST_P(PresenceTest, TellsOfEveryChannelThatIsCreated) {
  const RunningServer own(config());
  Watcher watcher(own);
  EXPECT_TRUE(watcher.head().header("content-type").starts_with("text/"));
  own.push("by-push", "x");
  EXPECT_EQ(watcher.next(), "1 by-push\n");
  Subscription subscription(own, "cname=by-subscriber");
  EXPECT_EQ(watcher.next(), "1 by-subscriber\n");
  EXPECT_EQ(own.admin_get("/sign?cname=by+sign%C3%A9").status, 200);
  EXPECT_EQ(watcher.next(), "1 by sign\xc3\xa9\n");
  EXPECT_EQ(own.admin_get("/pub?cname=by-pub&content=x").status, 200);
  EXPECT_EQ(watcher.next(), "1 by-pub\n");
  own.push("by-push", "creates nothing");
  EXPECT_EQ(own.admin_get("/close?cname=by-pub").status, 200);
  EXPECT_EQ(watcher.next(), "0 by-pub\n");
}

TEST_P(PresenceTest, EveryWatcherHearsOfEveryChannel) {
  const RunningServer own(config());
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (int i = 0; i < 8; ++i) watchers.push_back(std::make_unique<Watcher>(own));
  std::multiset<std::string> expected;
  for (int i = 0; i < 40; ++i) {
    const std::string name = "c" + std::to_string(i);
    own.push(name, "x");
    expected.insert("1 " + name + "\n");
  }
  for (const auto& watcher : watchers) {
    std::multiset<std::string> heard;
    for (int i = 0; i < 40; ++i) heard.insert(watcher->next());
    EXPECT_EQ(heard, expected);
  }
}

TEST_P(PresenceTest, AChannelIsGoneAfterItsLastSubscriberLeft) {
  const RunningServer own(short_lived());
  Watcher watcher(own);
  auto subscription = std::make_unique<Subscription>(own, "cname=a&seq=1");
  EXPECT_EQ(watcher.next(), "1 a\n");
  own.push("a", "one");
  // It is announced again while it lives, beyond channel_timeout as long as it has a subscriber.
  EXPECT_EQ(watcher.next(), "1 a\n");
  EXPECT_EQ(watcher.next(), "1 a\n");
  EXPECT_EQ(own.admin_get("/check?cname=a").body, "{\"a\": 1}\n");
  subscription.reset();
  const auto left = Clock::now();
  EXPECT_EQ(watcher.next_but("1 a\n"), "0 a\n");
  EXPECT_GE(Clock::now() - left, std::chrono::milliseconds(900));
  EXPECT_EQ(own.admin_get("/check?cname=a").body, "{}\n");
  own.await_totals(0, 0);
  // Numbering starts again.
  Subscription again(own, "cname=a");
  EXPECT_EQ(again.next(), next_seq("a", 1));
}

TEST_P(PresenceTest, AChannelWithoutSubscribersLivesThatLongAfterItsLastMessage) {
  const RunningServer own(short_lived());
  Watcher watcher(own);
  const auto pushed = Clock::now();
  own.push("a", "one");
  EXPECT_EQ(watcher.next(), "1 a\n");
  EXPECT_EQ(watcher.next_but("1 a\n"), "0 a\n");
  EXPECT_GE(Clock::now() - pushed, std::chrono::milliseconds(900));
}

TEST_P(PresenceTest, ASignedChannelWaitsForItsFirstSubscriberAsLongAsItExpires) {
  comet::Config guarded = config();
  guarded.front.auth = comet::Auth::kToken;
  const RunningServer own(guarded);
  Watcher watcher(own);
  EXPECT_EQ(own.admin_get("/sign?cname=long").status, 200);
  EXPECT_EQ(watcher.next(), "1 long\n");
  const auto start = Clock::now();
  EXPECT_EQ(own.admin_get("/sign?cname=short&expires=1").status, 200);
  EXPECT_EQ(watcher.next(), "1 short\n");
  EXPECT_EQ(watcher.next(), "0 short\n");
  EXPECT_GE(Clock::now() - start, std::chrono::milliseconds(900));
  EXPECT_EQ(own.admin_get("/check?cname=short").body, "{}\n");
  EXPECT_EQ(own.admin_get("/check?cname=long").body, "{\"long\": 1}\n");
}

TEST_P(PresenceTest, OnRequestSubscribersAreToldToo) {
  const RunningServer own(config());
  Watcher watcher(own, "?events=subscribers");
  auto first = std::make_unique<Subscription>(own, "cname=a");
  EXPECT_EQ(watcher.next(), "1 a\n");
  EXPECT_EQ(watcher.next(), "join 1 a\n");
  Client poll = own.front();
  poll.get("/poll?cname=a&seq=1");
  EXPECT_EQ(watcher.next(), "join 2 a\n");
  first.reset();
  EXPECT_EQ(watcher.next(), "leave 1 a\n");
  own.push("a", "answers the poll");
  EXPECT_EQ(watcher.next(), "leave 0 a\n");
  EXPECT_EQ(own.admin_get("/close?cname=a").status, 200);
  EXPECT_EQ(watcher.next(), "0 a\n");
  EXPECT_EQ(own.admin_get("/psub?events=none").status, 400);
}

TEST_P(PresenceTest, Http10GetsLinesWithoutChunks) {
  const RunningServer own(config());
  Client client = own.admin();
  client.send("GET /psub HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(client.read_head().has_header("transfer-encoding"));
  own.push("a", "x");
  EXPECT_EQ(client.read_until("\n"), "1 a\n");
}

TEST_P(PresenceTest, AWatcherThatLeavesIsForgotten) {
  const RunningServer own(config());
  for (int i = 0; i < 20; ++i) Watcher{own};
  Watcher watcher(own);
  own.push("a", "x");
  EXPECT_EQ(watcher.next(), "1 a\n");
}

}  // namespace
}  // namespace support

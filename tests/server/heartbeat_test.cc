// Heartbeats: nothing happened for polling_timeout seconds (API.md sections 3 and 4).
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/server_test.h"

namespace support {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

class HeartbeatTest : public ServerTest {
 protected:
  [[nodiscard]] comet::Config beating() const {
    comet::Config result = config();
    result.front.polling_timeout_s = 1;
    return result;
  }
};
RUN_WITH_1_2_AND_4_REACTORS(HeartbeatTest);

// At most 1 s late, and half a second for a busy machine that runs tests side by side.
constexpr milliseconds kEarliest{950};
milliseconds latest() { return milliseconds(2500) + (patience() - milliseconds(5000)) / 10; }

TEST_P(HeartbeatTest, ComesAfterIdleSecondsOnEveryTransportAndEndsAPoll) {
  const RunningServer own(beating());
  const auto start = Clock::now();
  std::vector<std::unique_ptr<Subscription>> endless;
  for (const Endless& transport : endless_transports()) {
    endless.push_back(std::make_unique<Subscription>(own, transport, "cname=a&seq=1&noop=41"));
  }
  Subscription counted_from_zero(own, "cname=a&seq=1");
  Client poll = own.front();
  poll.get("/poll?cname=a&seq=1&noop=7");
  Client sub = own.front();
  sub.get("/sub?cname=a&seq=1");

  EXPECT_EQ(poll.read_response().body, "icomet_cb(" + message("noop", "a", 7, "") + ");\n");
  EXPECT_GE(Clock::now() - start, kEarliest);
  EXPECT_EQ(sub.read_response().body, message("noop", "a", 0, "") + "\n");
  for (const auto& subscription : endless) {
    EXPECT_EQ(subscription->next(), message("noop", "a", 41, ""));
  }
  EXPECT_EQ(counted_from_zero.next(), message("noop", "a", 0, ""));
  EXPECT_LE(duration_cast<milliseconds>(Clock::now() - start).count(), latest().count());
  own.await_subscribers("a", 4);  // the polls are gone

  // The next poll on the same connection waits for a message as well as for a heartbeat.
  poll.get("/poll?cname=a&seq=1&noop=8");
  const auto second = Clock::now();
  for (const auto& subscription : endless) {
    EXPECT_EQ(subscription->next(), message("noop", "a", 42, ""));
  }
  EXPECT_EQ(counted_from_zero.next(), message("noop", "a", 1, ""));
  EXPECT_LE(duration_cast<milliseconds>(Clock::now() - second).count(), latest().count());
  EXPECT_EQ(poll.read_response().body, "icomet_cb(" + message("noop", "a", 8, "") + ");\n");

  // Heartbeats take no numbers of the channel.
  own.push("a", "one");
  EXPECT_EQ(counted_from_zero.next(), data("a", 1, "one"));
}

TEST_P(HeartbeatTest, IsNotDueBeforeTheIdleTimeIsOver) {
  const RunningServer own(beating());
  Subscription subscription(own, "cname=a&seq=1");
  // A message before the heartbeat puts it off, whenever that is.
  EXPECT_EQ(subscription.next(), message("noop", "a", 0, ""));
  const auto sent = Clock::now();
  own.push("a", "one");
  EXPECT_EQ(subscription.next(), data("a", 1, "one"));
  EXPECT_EQ(subscription.next(), message("noop", "a", 1, ""));
  EXPECT_GE(Clock::now() - sent, kEarliest);
  EXPECT_LE(duration_cast<milliseconds>(Clock::now() - sent).count(), latest().count());
}

TEST_P(HeartbeatTest, PingAndSignTellTheConfiguredTime) {
  const RunningServer own(beating());
  EXPECT_EQ(own.front_get("/ping").body, "icomet_cb({\"type\":\"ping\",\"sub_timeout\":1});\n");
  EXPECT_NE(own.admin_get("/sign?cname=a").body.find("\"sub_timeout\":1}"), std::string::npos);
}

}  // namespace
}  // namespace support

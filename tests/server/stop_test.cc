// Starting and stopping (API.md section 4: how an endless response ends when the server stops).
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/server_test.h"

namespace support {
namespace {

class StopTest : public ServerTest {};
RUN_WITH_1_2_AND_4_REACTORS(StopTest);

TEST_P(StopTest, AStreamEndsWithoutTheLastChunk) {
  RunningServer own(config());
  std::vector<std::unique_ptr<Subscription>> subscriptions;
  for (int i = 0; i < 8; ++i) {
    for (const Endless& transport : endless_transports()) {
      subscriptions.push_back(std::make_unique<Subscription>(own, transport, "cname=a&seq=1"));
    }
  }
  own.push("a", "one");
  for (auto& subscription : subscriptions) EXPECT_EQ(subscription->next(), data("a", 1, "one"));
  own.stop();
  for (auto& subscription : subscriptions) {
    EXPECT_EQ(subscription->client().next_chunk(), std::nullopt);
  }
}

TEST_P(StopTest, EveryConnectionEnds) {
  RunningServer own(config());
  Client idle = own.front();
  Client half = own.front();
  half.send("GET /pi");
  Client poll = own.front();
  poll.get("/poll?cname=a&seq=1");
  Client presence = own.admin();
  presence.get("/psub");
  EXPECT_EQ(presence.read_head().status, 200);
  own.await_subscribers("a", 1);
  own.stop();
  idle.expect_end();
  half.read_rest();
  poll.read_rest();
  EXPECT_EQ(presence.read_rest().find("0\r\n\r\n"), std::string::npos);
  EXPECT_THROW(own.front(), ClientError);
}

TEST_P(StopTest, StoppingTwiceIsStoppingOnce) {
  RunningServer own(config());
  own.push("a", "one");
  own.stop();
  own.stop();
}

TEST_P(StopTest, SeveralServersRunSideBySideAndOneAfterTheOther) {
  RunningServer first(config());
  for (int round = 0; round < 5; ++round) {
    const RunningServer second(config());
    second.push("a", std::to_string(round));
    EXPECT_EQ(second.front_get("/sub?cname=a&seq=1").body,
              "[" + data("a", 1, std::to_string(round)) + "]\n");
    first.push("a", "x");
  }
  EXPECT_EQ(first.front_get("/sub?cname=a").body, next_seq("a", 6) + "\n");
}

TEST_P(StopTest, ABadAddressIsAnErrorThatNamesIt) {
  comet::Config bad = config();
  bad.front.listen = {"nonsense"};
  const auto started = comet::Server::start(bad);
  ASSERT_FALSE(started.ok());
  EXPECT_NE(started.error().find("nonsense"), std::string::npos) << started.error();
}

}  // namespace
}  // namespace support

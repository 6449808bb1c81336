// Floods: whatever strangers do, others are served meanwhile, and afterwards nothing is left of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/hostile.h"
#include "tests/support/server_test.h"
#include "tests/support/websocket_client.h"

namespace support {
namespace {

class FloodsTest : public ServerTest {
 protected:
  // A few strangers have been there, so that what is kept for the next ones is there already.
  void settle() {
    connect_and_reset(own_.front_port(), 64, "GET /ping HTTP/1.1\r\nHost: a\r\n\r\n");
    witness_.observe();
    // The witness, and the connection that asks.
    before_ = await_holdings(own_, {2, kAny, kAny});
  }
  // The slack is for history of the witness's channel, and parsers that are kept for reuse.
  void expect_as_before() {
    Holdings bound = before_;
    bound.memory += kSlack;
    const Holdings after = await_holdings(own_, bound);
    EXPECT_LE(after.connections, bound.connections);
    EXPECT_LE(after.descriptors, bound.descriptors);
    EXPECT_LE(after.memory, bound.memory);
    witness_.observe();
  }
  comet::Config impatient() {
    comet::Config short_timeouts = config();
    short_timeouts.limits.header_timeout_s = 1;
    short_timeouts.limits.body_timeout_s = 1;
    return short_timeouts;
  }

  static constexpr std::size_t kCrowd = 300;
  static constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::uint64_t kSlack = 512 * 1024;

  const RunningServer own_{impatient()};
  Witness witness_{own_};
  Holdings before_;
};
RUN_WITH_1_2_AND_4_REACTORS(FloodsTest);

TEST_P(FloodsTest, ManyWhoSendAByteAtATimeAreBoundedAndLetGo) {
  settle();
  Crowd crowd(own_.front_port(), kCrowd);
  const std::string request = "GET /stream?cname=a HTTP/1.1\r\nHost: " + std::string(1000, 'a');
  for (int bytes = 0; bytes < 10; ++bytes) {
    crowd.drip(request);
    witness_.observe();
  }
  // A parser each, and little text.
  EXPECT_LE(holdings_of(own_).memory, before_.memory + kSlack + kCrowd * 4096);
  for (std::size_t i = 0; i < crowd.size(); ++i) {
    EXPECT_EQ(crowd[i].read_response().status, 408);
  }
  crowd.leave();
  expect_as_before();
}

TEST_P(FloodsTest, RequestsOfAHundredHeadersAreAnsweredAndLongerOnesRefused) {
  settle();
  for (const std::size_t headers : {99u, 100u, 101u, 1000u}) {
    Client client = own_.front();
    client.try_send(request_with_headers(headers), patience());
    EXPECT_EQ(client.read_response().status, headers <= 100 ? 200 : 431) << headers;
  }
  Crowd crowd(own_.front_port(), kCrowd);
  crowd.say(request_with_headers(1000));
  witness_.observe();
  crowd.reset();
  expect_as_before();
}

TEST_P(FloodsTest, ThousandsOfPipelinedRequestsLeaveOthersTheirTurn) {
  settle();
  std::string requests;
  constexpr int kRequests = 5000;
  for (int i = 0; i < kRequests; ++i) requests += "GET /ping HTTP/1.1\r\nHost: a\r\n\r\n";
  Client greedy = own_.front();
  std::size_t sent = 0;
  // It reads nothing until the end, so the server stops reading at some time.
  while (sent < requests.size()) {
    const std::size_t part = std::min<std::size_t>(16'384, requests.size() - sent);
    if (!greedy.try_send(std::string_view(requests).substr(sent, part),
                         std::chrono::milliseconds(50))) {
      break;
    }
    sent += part;
    witness_.observe();
  }
  greedy.reset();
  expect_as_before();
}

TEST_P(FloodsTest, ConnectAndResetStormsLeaveNothing) {
  settle();
  for (const char* bytes : {"", "GET", "GET /stream?cname=b HTTP/1.1\r\nHost: a\r\n\r\n",
                            "GET /poll?cname=b&seq=1 HTTP/1.1\r\nHost: a\r\n\r\n",
                            "POST /push?cname=witnessed HTTP/1.1\r\nContent-Length: 99\r\n\r\nx"}) {
    connect_and_reset(own_.front_port(), 200, bytes);
    connect_and_reset(own_.admin_port(), 50, bytes);
    witness_.observe();
  }
  Crowd crowd(own_.front_port(), kCrowd);
  crowd.say("GET /sse?cname=b HTTP/1.1\r\nHost: a\r\n\r\n");
  witness_.observe();
  crowd.reset();
  EXPECT_EQ(own_.admin_get("/close?cname=b").status, 200);
  expect_as_before();
}

TEST_P(FloodsTest, EveryTransportIsFreedWhenItsPeerClosesAtEveryStage) {
  settle();
  for (const char* path : {"/poll", "/sub", "/stream", "/iframe", "/sse"}) {
    const std::string request =
        "GET " + std::string(path) + "?cname=c&seq=1 HTTP/1.1\r\nHost: a\r\n\r\n";
    for (const std::size_t sent : {std::size_t{1}, request.size() / 2, request.size()}) {
      Crowd half(own_.front_port(), 10);
      half.say(std::string_view(request).substr(0, sent));
      half.shutdown_write();
      Crowd whole(own_.front_port(), 10);
      whole.say(std::string_view(request).substr(0, sent));
      whole.leave();
      // Who said that it will say no more gets to know that the server has done with it.
      for (std::size_t i = 0; i < half.size(); ++i) EXPECT_TRUE(half[i].wait_readable(patience()));
    }
  }
  EXPECT_EQ(own_.admin_get("/close?cname=c").status, 200);
  expect_as_before();
}

TEST_P(FloodsTest, ABodyThatIsAnnouncedAndDoesNotComeTakesLittle) {
  settle();
  Crowd crowd(own_.admin_port(), 50);
  crowd.say("POST /push?cname=a HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n");
  witness_.observe();
  EXPECT_LE(holdings_of(own_).memory, before_.memory + kSlack + 50 * 80'000);
  for (std::size_t i = 0; i < crowd.size(); ++i) {
    EXPECT_EQ(crowd[i].read_response().status, 408);
  }
  crowd.leave();
  expect_as_before();
}

// The front port has no use for bodies, so nobody can fill it with them.
TEST_P(FloodsTest, TheFrontPortRefusesALongBodyBeforeItIsThere) {
  settle();
  Client client = own_.front();
  client.send("POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n");
  client.try_send(std::string(1'000'000, 'x'), patience());
  EXPECT_EQ(client.read_response().status, 413);
  client.reset();
  expect_as_before();
}

// --- limits.max_memory ---------------------------------------------------------------------------

class MemoryTest : public ServerTest {
 protected:
  // New channels of smaller and smaller messages, until no core takes any.
  static std::vector<std::string> fill(const RunningServer& server) {
    std::vector<std::string> taken;
    int names = 0;
    for (const std::size_t size : {1'000'000u, 100'000u, 10'000u, 1000u, 1u}) {
      const std::string body = "content=" + std::string(size, 'x');
      const int enough = size == 1 ? 60 : 12;  // one of them comes to each core
      for (int refusals = 0; refusals < enough;) {
        const std::string name = "fill-" + std::to_string(++names);
        const Response answer = server.admin_post("/push?cname=" + name, "", body);
        if (answer.status == 200) {
          taken.push_back(name);
          refusals = 0;
        } else {
          ++refusals;
          EXPECT_EQ(answer.status, 503);
          EXPECT_EQ(answer.header("retry-after"), "1");
        }
      }
    }
    return taken;
  }
  static bool becomes(const RunningServer& server, const std::string& target, int status) {
    return eventually([&] { return server.admin_get(target).status == status; });
  }
};
RUN_WITH_1_2_AND_4_REACTORS(MemoryTest);

TEST_P(MemoryTest, AtTheBudgetNothingGrowsAndEverythingElseGoesOn) {
  comet::Config small = config();
  small.front.channel_buffer_size = 4;
  RunningServer own(small);
  Subscription old(own, "cname=old&seq=1");
  Client poller = own.front();
  poller.get("/sub?cname=old&seq=9");
  poller.read_response();
  for (int i = 0; i < 4; ++i) own.push("full", "four");
  small.limits.max_memory = holdings_of(own).memory + 10'000'000;
  own.reload(small);

  const std::vector<std::string> filled = fill(own);
  EXPECT_GT(filled.size(), 6u);
  EXPECT_LE(holdings_of(own).memory, small.limits.max_memory + 2'000'000);
  for (const std::string name : {"full", "another"}) {
    EXPECT_EQ(own.front_get("/sub?seq=9&cname=" + name).body,
              message("429", name, 0, "Overloaded") + "\n");
  }
  EXPECT_EQ(own.admin_get("/broadcast?content=x").status, 503);
  EXPECT_EQ(own.admin_get("/sign?cname=another").status, 503);
  // What makes nothing larger goes on.
  own.push("full", "more");
  EXPECT_EQ(own.admin_get("/sign?cname=old").status, 200);
  poller.get("/sub?cname=full&seq=5");
  EXPECT_EQ(poller.read_response().body, "[" + data("full", 5, "more") + "]\n");
  EXPECT_EQ(own.admin_get("/health/live").status, 200);
  const Response ready = own.admin_get("/health/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_NE(ready.body.find("bytes of memory are taken"), std::string::npos) << ready.body;
  EXPECT_NE(own.admin_get("/info").body.find("\"short\": true"), std::string::npos);

  // And when there is room again, so does the rest.
  for (const std::string& name : filled) {
    EXPECT_EQ(own.admin_get("/close?cname=" + name).status, 200);
  }
  EXPECT_TRUE(becomes(own, "/push?cname=old&content=x", 200));
  EXPECT_EQ(old.next(), data("old", 1, "x"));
  EXPECT_TRUE(becomes(own, "/health/ready", 200));
}

TEST_P(MemoryTest, ABroadcastCountsOnceInHoweverManyChannelsItIs) {
  comet::Config small = config();
  RunningServer own(small);
  for (int i = 0; i < 100; ++i) own.push("channel-" + std::to_string(i), "x");
  const std::uint64_t before = holdings_of(own).memory;
  const std::string body = "content=" + std::string(100'000, 'x');
  EXPECT_EQ(own.admin_post("/broadcast", "", body).status, 200);
  const std::uint64_t after = holdings_of(own).memory;
  EXPECT_GE(after, before + 100'000);
  EXPECT_LT(after, before + 1'000'000);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(own.admin_get("/close?cname=channel-" + std::to_string(i)).status, 200);
  }
  EXPECT_LT(await_holdings(own, {100, 1000, before}).memory, before + 50'000);
}

// Nothing asks a home about it.
TEST_P(MemoryTest, AtTheBudgetAWebSocketWithoutChannelsIsRefused) {
  comet::Config small = config();
  small.limits.max_memory = 1;
  const RunningServer own(small);
  Client client = own.front();
  client.get("/ws", kWebsocketHeaders);
  const Response refused = client.read_response();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("retry-after"), "1");
  client.expect_end();
  own.await_answer("/info", "\"memory_full\": 1");
}

// What was long is how much there was of the one before.
TEST_P(MemoryTest, AtTheBudgetAShortRequestMayComeInPiecesBehindALongOne) {
  comet::Config small = config();
  small.limits.max_memory = 1;
  const RunningServer own(small);
  for (int i = 0; i < 8; ++i) {
    Client client = own.front();
    client.get("/ping?" + std::string(20'000, 'x'));
    EXPECT_EQ(client.read_response().status, 200);
    client.get("/ping");
    client.send("GET /ping HTTP/1.1\r\nHo");
    EXPECT_EQ(client.read_response().status, 200);
    own.await_answer("/info", "\"memory_full\": 0");
    client.send("st: x\r\n\r\n");
    EXPECT_EQ(client.read_response().status, 200);
  }
}

// Also of a body that no message could follow from.
TEST_P(MemoryTest, AtTheBudgetALongRequestIsNotWaitedFor) {
  comet::Config small = config();
  small.limits.max_memory = 1;
  const RunningServer own(small);
  Client client = own.admin();
  client.send("POST /push?cname=a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  client.try_send(std::string(100'000, 'x'), patience());
  const Response refused = client.read_response();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(own.admin_get("/info").status, 200);
}

}  // namespace
}  // namespace support

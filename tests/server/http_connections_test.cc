// Connections: how long they are kept, what is pipelined on them, and clients who leave them.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/ping.h"
#include "tests/support/server_test.h"

namespace support {
namespace {

using std::chrono::milliseconds;

class HttpConnectionsTest : public ServerTest {};
RUN_WITH_1_2_AND_4_REACTORS(HttpConnectionsTest);

TEST_P(HttpConnectionsTest, AConnectionIsKeptAlive) {
  Client client = server().front();
  for (int i = 0; i < 20; ++i) {
    client.send(kGetPing);
    const Response response = client.read_response();
    EXPECT_EQ(response.status_line, "HTTP/1.1 200 OK");
    EXPECT_EQ(response.header("connection"), "keep-alive");
    EXPECT_EQ(response.header("content-length"), std::to_string(kPingAnswer.size()));
    EXPECT_EQ(response.body, kPingAnswer);
  }
}

TEST_P(HttpConnectionsTest, ConnectionCloseEndsItAfterTheResponse) {
  Client client = server().front();
  client.get("/ping", "Connection: close\r\n");
  const Response response = client.read_response();
  EXPECT_EQ(response.header("connection"), "close");
  EXPECT_EQ(response.body, kPingAnswer);
  client.expect_end();
}

TEST_P(HttpConnectionsTest, BytesAfterConnectionCloseAreNotAnswered) {
  Client client = server().front();
  client.send("GET /ping HTTP/1.1\r\nConnection: close\r\n\r\n" + std::string(kGetPing));
  EXPECT_EQ(client.read_response().body, kPingAnswer);
  client.expect_end();
}

TEST_P(HttpConnectionsTest, Http10ClosesUnlessItAsksForKeepAlive) {
  Client client = server().front();
  client.send("GET /ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const Response kept = client.read_response();
  EXPECT_EQ(kept.header("connection"), "keep-alive");
  EXPECT_EQ(kept.body, kPingAnswer);
  client.send("GET /ping HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.read_response().body, kPingAnswer);
  client.expect_end();
}

TEST_P(HttpConnectionsTest, PipelinedRequestsAreAnsweredInOrder) {
  Client client = server().front();
  std::string requests;
  for (int i = 0; i < 100; ++i) {
    requests += "GET /ping?cb=f" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  client.send(requests);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(client.read_response().body,
              "f" + std::to_string(i) + "({\"type\":\"ping\",\"sub_timeout\":30});\n");
  }
}

TEST_P(HttpConnectionsTest, PipelinedRequestsOfAllKindsAreAnsweredInOrder) {
  const std::string a = unique_name();
  const std::string b = unique_name();
  Client client = server().admin();
  client.send("GET /push?cname=" + a + "&content=1 HTTP/1.1\r\n\r\n" +
              "POST /push HTTP/1.1\r\nContent-Length: 28\r\n\r\n" + "content=2&x=1234567&cname=zz" +
              "GET /nothing HTTP/1.1\r\n\r\n" + "GET /check?cname=" + b + " HTTP/1.1\r\n\r\n" +
              "GET /push?cname=" + b + "&content=3 HTTP/1.1\r\n\r\n" + "GET /close?cname=" + a +
              " HTTP/1.1\r\n\r\n" + "GET /close?cname=" + a + " HTTP/1.1\r\n\r\n" +
              "GET /check?cname=" + b + " HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.read_response().body, "{\"type\":\"ok\"}\n");
  EXPECT_EQ(client.read_response().body, "{\"type\":\"ok\"}\n");
  EXPECT_EQ(client.read_response().status, 404);
  EXPECT_EQ(client.read_response().body, "{}\n");
  EXPECT_EQ(client.read_response().body, "{\"type\":\"ok\"}\n");
  EXPECT_EQ(client.read_response().body, "ok 2\n");
  EXPECT_EQ(client.read_response().status, 404);
  EXPECT_EQ(client.read_response().body, "{\"" + b + "\": 1}\n");
  client.expect_end();
}

TEST_P(HttpConnectionsTest, AWaitingPollHoldsBackThePipelinedRequestsBehindIt) {
  const std::string a = unique_name();
  Client client = server().front();
  client.send("GET /poll?cname=" + a + "&seq=1 HTTP/1.1\r\n\r\n" + std::string(kGetPing) +
              "GET /sub?cname=" + a + "&seq=1 HTTP/1.1\r\n\r\n");
  server().await_subscribers(a, 1);
  server().push(a, "one");
  EXPECT_EQ(client.read_response().body, "icomet_cb(" + data(a, 1, "one") + ");\n");
  EXPECT_EQ(client.read_response().body, kPingAnswer);
  EXPECT_EQ(client.read_response().body, "[" + data(a, 1, "one") + "]\n");
}

TEST_P(HttpConnectionsTest, BytesBehindAnEndlessRequestNeverMixIntoIt) {
  const std::string a = unique_name();
  Client client = server().front();
  client.send("GET /stream?cname=" + a + " HTTP/1.1\r\n\r\n" + std::string(kGetPing));
  EXPECT_EQ(client.read_head().status, 200);
  EXPECT_EQ(client.next_chunk(), next_seq(a, 1) + "\n");
  client.send(kGetPing);
  server().push(a, "one");
  // The server may have closed the connection, but not have answered the ping.
  const std::optional<std::string> chunk = client.next_chunk();
  if (!chunk) return;
  EXPECT_EQ(*chunk, data(a, 1, "one") + "\n");
  EXPECT_EQ(server().admin_get("/close?cname=" + a).body, "ok 2\n");
  EXPECT_EQ(client.next_chunk(), message("close", a, 2, "") + "\n");
  EXPECT_EQ(client.next_chunk(), "");
  // Now they are answered, or the connection ends; it does not leave the client waiting.
  ASSERT_TRUE(client.wait_readable(patience()));
  client.shutdown_write();
  const std::string rest = client.read_rest();
  EXPECT_TRUE(rest.empty() || rest.starts_with("HTTP/1.1 200 OK\r\n")) << rest;
}

TEST_P(HttpConnectionsTest, AFloodOntoAnEndlessResponseHurtsNobody) {
  const std::string a = unique_name();
  Subscription flooder(server(), "cname=" + a);
  EXPECT_EQ(flooder.next(), next_seq(a, 1));
  const std::string bytes(1 << 20, 'x');
  for (int i = 0; i < 32; ++i) {
    if (!flooder.client().try_send(bytes, milliseconds(50))) break;
  }
  for (int i = 0; i < 8; ++i) EXPECT_EQ(server().front_get("/ping").body, kPingAnswer);
  flooder.client().reset();
  server().await_subscribers(a, 0);
}

TEST_P(HttpConnectionsTest, AClientThatSendsNoMoreStillGetsItsAnswer) {
  Client client = server().front();
  client.get("/ping");
  client.shutdown_write();
  EXPECT_EQ(client.read_response().body, kPingAnswer);
  client.expect_end();

  const std::string a = unique_name();
  server().push(a, "one");
  Client poll = server().front();
  poll.get("/sub?seq=1&cname=" + a);
  poll.shutdown_write();
  EXPECT_EQ(poll.read_response().body, "[" + data(a, 1, "one") + "]\n");
  poll.expect_end();
}

TEST_P(HttpConnectionsTest, AHalfClosedSubscriberIsEitherServedOrGone) {
  const std::string a = unique_name();
  Subscription subscription(server(), "cname=" + a);
  EXPECT_EQ(subscription.next(), next_seq(a, 1));
  subscription.client().shutdown_write();
  server().push(a, "one");
  const std::optional<std::string> chunk = subscription.client().next_chunk();
  if (chunk) {
    EXPECT_EQ(*chunk, data(a, 1, "one") + "\n");
  }
  subscription.client().close();
  server().push(a, "two");
  server().await_subscribers(a, 0);
}

TEST_P(HttpConnectionsTest, AResetConnectionIsNoSubscriberAnyMore) {
  const std::string a = unique_name();
  for (const Endless& transport : endless_transports()) {
    Subscription subscription(server(), transport, "cname=" + a);
    Client poll = server().front();
    poll.get("/poll?seq=1&cname=" + a);
    server().await_subscribers(a, 2);
    subscription.client().reset();
    poll.reset();
    server().await_subscribers(a, 0);
  }
  Client in_body = server().admin();
  in_body.send("POST /push HTTP/1.1\r\nContent-Length: 100\r\n\r\ncname");
  in_body.reset();
  server().push(a, "one");
}

// All of them at once, as each takes its second.
TEST_P(HttpConnectionsTest, ConnectionsThatNeverFinishAreClosed) {
  comet::Config hasty = config();
  hasty.limits.header_timeout_s = 1;
  hasty.limits.body_timeout_s = 1;
  hasty.limits.idle_timeout_s = 1;
  const RunningServer own(hasty);
  Subscription subscriber(own, "cname=a&seq=1");
  Client poll = own.front();
  poll.get("/poll?cname=a&seq=1");
  std::vector<Client> clients;
  for (const char* bytes : {"GET /pi", "GET /ping HTTP/1.1\r\nHost:",
                            "GET /ping HTTP/1.1\r\n\r\nGET /p", "", "GET /ping HTTP/1.1\r\n\r\n"}) {
    clients.push_back(own.front());
    clients.back().send(bytes);
  }
  clients.push_back(own.admin());
  clients.back().send("POST /push?cname=a HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf");
  // Drop by drop is not faster.
  Client dripping = own.front();
  dripping.send("GET /ping?");
  EXPECT_TRUE(eventually([&] {
    dripping.try_send("x", milliseconds(10));
    return dripping.wait_readable(milliseconds(100));
  }));
  for (Client& client : clients) {
    const std::string answer = client.read_rest();
    const std::size_t last = answer.rfind("HTTP/1.1 ");
    EXPECT_TRUE(last == std::string::npos || answer.compare(last, 13, "HTTP/1.1 408 ") == 0 ||
                answer.ends_with(kPingAnswer))
        << answer;
  }
  // A subscriber waits as long as it likes.
  own.push("a", "one");
  EXPECT_EQ(subscriber.next(), data("a", 1, "one"));
  EXPECT_EQ(poll.read_response().body, "icomet_cb(" + data("a", 1, "one") + ");\n");
}

}  // namespace
}  // namespace support

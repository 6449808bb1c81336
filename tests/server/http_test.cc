// HTTP itself: framing, keep-alive, pipelining, methods, half-finished and hostile connections.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/server_test.h"

namespace support {
namespace {

using std::chrono::milliseconds;

class HttpTest : public ServerTest {};
RUN_WITH_1_2_AND_4_REACTORS(HttpTest);

constexpr std::string_view kPing = "icomet_cb({\"type\":\"ping\",\"sub_timeout\":30});\n";
constexpr std::string_view kGetPing = "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n";

void expect_error(const Response& response, int status, std::string_view what) {
  EXPECT_EQ(response.status, status) << what << ": " << response.body;
  EXPECT_GT(response.body.size(), 1U) << what;
  EXPECT_EQ(response.body.find('\n'), response.body.size() - 1) << what << ": " << response.body;
}

TEST_P(HttpTest, AConnectionIsKeptAlive) {
  Client client = server().front();
  for (int i = 0; i < 20; ++i) {
    client.send(kGetPing);
    const Response response = client.read_response();
    EXPECT_EQ(response.status_line, "HTTP/1.1 200 OK");
    EXPECT_EQ(response.header("connection"), "keep-alive");
    EXPECT_EQ(response.header("content-length"), std::to_string(kPing.size()));
    EXPECT_EQ(response.body, kPing);
  }
}

TEST_P(HttpTest, ConnectionCloseEndsItAfterTheResponse) {
  Client client = server().front();
  client.get("/ping", "Connection: close\r\n");
  const Response response = client.read_response();
  EXPECT_EQ(response.header("connection"), "close");
  EXPECT_EQ(response.body, kPing);
  client.expect_end();
}

TEST_P(HttpTest, Http10ClosesUnlessItAsksForKeepAlive) {
  Client client = server().front();
  client.send("GET /ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const Response kept = client.read_response();
  EXPECT_EQ(kept.header("connection"), "keep-alive");
  EXPECT_EQ(kept.body, kPing);
  client.send("GET /ping HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.read_response().body, kPing);
  client.expect_end();
}

TEST_P(HttpTest, PipelinedRequestsAreAnsweredInOrder) {
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

TEST_P(HttpTest, PipelinedRequestsOfAllKindsAreAnsweredInOrder) {
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

TEST_P(HttpTest, AWaitingPollHoldsBackThePipelinedRequestsBehindIt) {
  const std::string a = unique_name();
  Client client = server().front();
  client.send("GET /poll?cname=" + a + "&seq=1 HTTP/1.1\r\n\r\n" + std::string(kGetPing) +
              "GET /sub?cname=" + a + "&seq=1 HTTP/1.1\r\n\r\n");
  server().await_subscribers(a, 1);
  server().push(a, "one");
  EXPECT_EQ(client.read_response().body, "icomet_cb(" + data(a, 1, "one") + ");\n");
  EXPECT_EQ(client.read_response().body, kPing);
  EXPECT_EQ(client.read_response().body, "[" + data(a, 1, "one") + "]\n");
}

TEST_P(HttpTest, BytesBehindAnEndlessRequestNeverMixIntoIt) {
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

TEST_P(HttpTest, AFloodOntoAnEndlessResponseHurtsNobody) {
  const std::string a = unique_name();
  Subscription flooder(server(), "cname=" + a);
  EXPECT_EQ(flooder.next(), next_seq(a, 1));
  const std::string bytes(1 << 20, 'x');
  for (int i = 0; i < 32; ++i) {
    if (!flooder.client().try_send(bytes, milliseconds(50))) break;
  }
  for (int i = 0; i < 8; ++i) EXPECT_EQ(server().front_get("/ping").body, kPing);
  flooder.client().reset();
  server().await_subscribers(a, 0);
}

TEST_P(HttpTest, OtherMethodsAreNotAllowed) {
  for (const char* path : {"/poll?cname=a", "/sub?cname=a", "/stream?cname=a", "/iframe?cname=a",
                           "/sse?cname=a", "/ping"}) {
    for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
      Client client = server().front();
      client.send(std::string(method) + " " + path + " HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi");
      const Response response = client.read_response();
      expect_error(response, 405, path);
      EXPECT_NE(response.header("allow").find("GET"), std::string::npos) << path;
    }
  }
  for (const char* path : {"/push?cname=a&content=x", "/sign?cname=a", "/info", "/psub"}) {
    Client client = server().admin();
    client.send("PUT " + std::string(path) + " HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    const Response response = client.read_response();
    expect_error(response, 405, path);
    EXPECT_NE(response.header("allow").find("GET"), std::string::npos) << path;
    EXPECT_NE(response.header("allow").find("POST"), std::string::npos) << path;
  }
}

TEST_P(HttpTest, HeadIsNotAllowedAndHasNoBody) {
  for (const char* path : {"/poll?cname=a", "/stream?cname=a", "/ping"}) {
    Client client = server().front();
    client.send("HEAD " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n" +
                std::string(kGetPing));
    const Response head = client.read_response(BodyRule::kNone);
    EXPECT_EQ(head.status, 405) << path;
    EXPECT_NE(head.header("allow").find("GET"), std::string::npos);
    // Were there a body, the next answer would not be one.
    EXPECT_EQ(client.read_response().body, kPing);
  }
}

TEST_P(HttpTest, UnknownPathsAreNotFound) {
  for (const char* path : {"/", "/nothing", "/poll/", "/poll/x", "/POLL?cname=a", "//poll"}) {
    expect_error(server().front_get(path), 404, path);
  }
  // Each port has its own endpoints.
  for (const char* path : {"/push?cname=a&content=x", "/pub?cname=a&content=x", "/sign?cname=a",
                           "/broadcast?content=x", "/close?cname=a", "/clear?cname=a", "/psub"}) {
    expect_error(server().front_get(path), 404, path);
  }
  for (const char* path : {"/nothing", "/poll?cname=a", "/stream?cname=a", "/sse?cname=a"}) {
    expect_error(server().admin_get(path), 404, path);
  }
}

TEST_P(HttpTest, OptionsIsACorsPreflight) {
  Client client = server().front();
  for (const char* path : {"/poll?cname=a", "/stream?cname=a", "/sse", "/ping"}) {
    client.send("OPTIONS " + std::string(path) +
                " HTTP/1.1\r\nHost: x\r\nOrigin: http://example.com\r\n"
                "Access-Control-Request-Method: GET\r\n\r\n");
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 204) << path;
    EXPECT_EQ(response.header("access-control-allow-origin"), "*") << path;
    EXPECT_NE(response.header("access-control-allow-methods").find("GET"), std::string::npos);
    EXPECT_FALSE(response.has_header("content-length")) << path;
  }
  client.send(kGetPing);
  EXPECT_EQ(client.read_response().body, kPing);
}

TEST_P(HttpTest, TheClientIsServedToPagesOfAnyOriginAndOnlyWhenItChanged) {
  Client client = server().front();
  client.get("/comet.js", "Origin: http://page.example\r\n");
  const Response first = client.read_response();
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.header("content-type"), "application/javascript; charset=utf-8");
  EXPECT_EQ(first.header("access-control-allow-origin"), "*");
  EXPECT_EQ(first.header("cache-control"), "no-cache");
  EXPECT_NE(first.body.find("class Comet"), std::string::npos);

  client.get("/comet.js", "If-None-Match: " + first.header("etag") + "\r\n");
  const Response again = client.read_response(BodyRule::kNone);
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
}

TEST_P(HttpTest, AbsoluteTargetsAndMissingHostsAreTolerated) {
  Client client = server().front();
  client.send("GET http://localhost:8100/ping HTTP/1.1\r\nHost: localhost:8100\r\n\r\n");
  EXPECT_EQ(client.read_response().body, kPing);
  client.send("GET /ping HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.read_response().body, kPing);
  client.send("\r\n\r\nGET /ping HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.read_response().body, kPing);
}

TEST_P(HttpTest, ARequestMayComeByteByByte) {
  const std::string a = unique_name();
  Client client = server().admin();
  const std::string request =
      "POST /push HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(16 + a.size()) +
      "\r\n\r\ncname=" + a + "&content=1";
  for (const char byte : request) client.send(std::string_view(&byte, 1));
  EXPECT_EQ(client.read_response().body, "{\"type\":\"ok\"}\n");
  Client subscriber = server().front();
  for (const char byte : "GET /stream?seq=1&cname=" + a + " HTTP/1.1\r\n\r\n") {
    subscriber.send(std::string_view(&byte, 1));
  }
  EXPECT_EQ(subscriber.read_head().status, 200);
  EXPECT_EQ(subscriber.next_chunk(), data(a, 1, "1") + "\n");
}

TEST_P(HttpTest, ExpectContinueIsAnsweredBeforeTheBodyComes) {
  const std::string a = unique_name();
  Client client = server().admin();
  client.send("POST /push?cname=" + a +
              " HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
              "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 100);
  client.send("one");
  EXPECT_EQ(client.read_response().body, "{\"type\":\"ok\"}\n");
  EXPECT_EQ(server().front_get("/sub?seq=1&cname=" + a).body, "[" + data(a, 1, "one") + "]\n");
}

TEST_P(HttpTest, AClientThatSendsNoMoreStillGetsItsAnswer) {
  Client client = server().front();
  client.get("/ping");
  client.shutdown_write();
  EXPECT_EQ(client.read_response().body, kPing);
  client.expect_end();

  const std::string a = unique_name();
  server().push(a, "one");
  Client poll = server().front();
  poll.get("/sub?seq=1&cname=" + a);
  poll.shutdown_write();
  EXPECT_EQ(poll.read_response().body, "[" + data(a, 1, "one") + "]\n");
  poll.expect_end();
}

TEST_P(HttpTest, AHalfClosedSubscriberIsEitherServedOrGone) {
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

TEST_P(HttpTest, AResetConnectionIsNoSubscriberAnyMore) {
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

TEST_P(HttpTest, TargetsUpToTheLimitAreTaken) {
  const std::string start = "/ping?_=";
  const std::string longest = start + std::string(65536 - start.size(), 'x');
  EXPECT_EQ(server().front_get(longest).status, 200);
  expect_error(server().front_get(longest + "x"), 414, "target of 65537 bytes");
  Client client = server().front();
  // Refused before the line ends.
  client.try_send("GET /" + std::string(200'000, 'x'), patience());
  EXPECT_EQ(client.read_response().status, 414);
}

TEST_P(HttpTest, TooManyOrTooLongHeadersAreRefused) {
  Client many = server().front();
  std::string headers;
  for (int i = 0; i < 150; ++i) headers += "X-" + std::to_string(i) + ": y\r\n";
  many.get("/ping", headers);
  expect_error(many.read_response(), 431, "150 headers");
  many.expect_end();

  Client large = server().front();
  large.get("/ping", "X: " + std::string(33'000, 'x') + "\r\n");
  expect_error(large.read_response(), 431, "a header of 33000 bytes");

  Client endless = server().front();
  endless.try_send("GET /ping HTTP/1.1\r\nX: " + std::string(200'000, 'x'), patience());
  EXPECT_EQ(endless.read_response().status, 431);

  Client usual = server().front();
  usual.get("/ping", "Cookie: " + std::string(16'000, 'x') + "\r\n");
  EXPECT_EQ(usual.read_response().body, kPing);
}

TEST_P(HttpTest, TooLargeBodiesAreRefused) {
  Client announced = server().admin();
  announced.send("POST /push?cname=a HTTP/1.1\r\nContent-Length: 8388609\r\n\r\n");
  expect_error(announced.read_response(), 413, "announced");
  announced.expect_end();

  Client chunked = server().admin();
  chunked.send("POST /push?cname=a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "100000\r\n" + std::string(0x100000, 'x') + "\r\n";
  for (int i = 0; i < 9; ++i) {
    if (!chunked.try_send(chunk, patience())) break;
  }
  // The refusal may be lost to a reset, as we were sending still.
  const std::string answer = chunked.read_rest();
  EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 413 ")) << answer;
  EXPECT_EQ(server().front_get("/ping").body, kPing);
}

TEST_P(HttpTest, WhatIsNoHttpIsRefusedAndClosed) {
  const std::vector<std::string> requests{
      "nonsense\r\n\r\n",
      "GET\r\n\r\n",
      "GET /ping\r\n\r\n",
      "GET /ping HTTP/2.0\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "GET /ping HTTX/1.1\r\n\r\n",
      "\x16\x03\x01\x02\x01 a TLS hello",
      std::string("GET /pi\0ng HTTP/1.1\r\n\r\n", 24),
      "GET /ping HTTP/1.1\r\nno colon\r\n\r\n",
      "GET /ping HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
      "POST /ping HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
      "POST /ping HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
      "POST /ping HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST /ping HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  };
  for (const std::string& request : requests) {
    SCOPED_TRACE(request);
    Client client = server().front();
    client.send(request);
    const Response response = client.read_response();
    EXPECT_GE(response.status, 400);
    EXPECT_NE(response.status, 404);
    EXPECT_EQ(response.header("connection"), "close");
    EXPECT_EQ(response.body.find('\n'), response.body.size() - 1) << response.body;
    client.expect_end();
  }
}

TEST_P(HttpTest, BytesAfterConnectionCloseAreNotAnswered) {
  Client client = server().front();
  client.send("GET /ping HTTP/1.1\r\nConnection: close\r\n\r\n" + std::string(kGetPing));
  EXPECT_EQ(client.read_response().body, kPing);
  client.expect_end();
}

TEST_P(HttpTest, AnUpgradeIsNotTakenUp) {
  Client client = server().front();
  client.get("/ping", "Connection: Upgrade\r\nUpgrade: h2c\r\n");
  EXPECT_EQ(client.read_response().body, kPing);
  client.send(kGetPing);
  EXPECT_EQ(client.read_response().body, kPing);
}

// All of them at once, as each takes its second.
TEST_P(HttpTest, ConnectionsThatNeverFinishAreClosed) {
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
  const auto end = Clock::now() + patience();
  while (Clock::now() < end && !dripping.wait_readable(milliseconds(100))) {
    dripping.try_send("x", milliseconds(10));
  }
  EXPECT_LT(Clock::now(), end);
  for (Client& client : clients) {
    const std::string answer = client.read_rest();
    const std::size_t last = answer.rfind("HTTP/1.1 ");
    EXPECT_TRUE(last == std::string::npos || answer.compare(last, 13, "HTTP/1.1 408 ") == 0 ||
                answer.ends_with(kPing))
        << answer;
  }
  // A subscriber waits as long as it likes.
  own.push("a", "one");
  EXPECT_EQ(subscriber.next(), data("a", 1, "one"));
  EXPECT_EQ(poll.read_response().body, "icomet_cb(" + data("a", 1, "one") + ");\n");
}

}  // namespace
}  // namespace support

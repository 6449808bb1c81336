// Requests that are understood, in whatever form and pieces they come.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/support/ping.h"
#include "tests/support/server_test.h"

namespace support {
namespace {

class HttpRequestsTest : public ServerTest {};
RUN_WITH_1_2_AND_4_REACTORS(HttpRequestsTest);

TEST_P(HttpRequestsTest, AbsoluteTargetsAndMissingHostsAreTolerated) {
  Client client = server().front();
  client.send("GET http://localhost:8100/ping HTTP/1.1\r\nHost: localhost:8100\r\n\r\n");
  EXPECT_EQ(client.read_response().body, kPingAnswer);
  client.send("GET /ping HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.read_response().body, kPingAnswer);
  client.send("\r\n\r\nGET /ping HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.read_response().body, kPingAnswer);
}

TEST_P(HttpRequestsTest, ARequestMayComeByteByByte) {
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

TEST_P(HttpRequestsTest, ExpectContinueIsAnsweredBeforeTheBodyComes) {
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

TEST_P(HttpRequestsTest, AnUpgradeIsNotTakenUp) {
  Client client = server().front();
  client.get("/ping", "Connection: Upgrade\r\nUpgrade: h2c\r\n");
  EXPECT_EQ(client.read_response().body, kPingAnswer);
  client.send(kGetPing);
  EXPECT_EQ(client.read_response().body, kPingAnswer);
}

TEST_P(HttpRequestsTest, OptionsIsACorsPreflight) {
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
  EXPECT_EQ(client.read_response().body, kPingAnswer);
}

TEST_P(HttpRequestsTest, TheClientIsServedToPagesOfAnyOriginAndOnlyWhenItChanged) {
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

}  // namespace
}  // namespace support

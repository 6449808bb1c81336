// Requests that are refused: methods, paths, what is too large, and what is no HTTP.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/ping.h"
#include "tests/support/server_test.h"

namespace support {
namespace {

class HttpRefusalsTest : public ServerTest {};
RUN_WITH_1_2_AND_4_REACTORS(HttpRefusalsTest);

TEST_P(HttpRefusalsTest, OtherMethodsAreNotAllowed) {
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

TEST_P(HttpRefusalsTest, HeadIsNotAllowedAndHasNoBody) {
  for (const char* path : {"/poll?cname=a", "/stream?cname=a", "/ping"}) {
    Client client = server().front();
    client.send("HEAD " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n" +
                std::string(kGetPing));
    const Response head = client.read_response(BodyRule::kNone);
    EXPECT_EQ(head.status, 405) << path;
    EXPECT_NE(head.header("allow").find("GET"), std::string::npos);
    // Were there a body, the next answer would not be one.
    EXPECT_EQ(client.read_response().body, kPingAnswer);
  }
}

TEST_P(HttpRefusalsTest, UnknownPathsAreNotFound) {
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

TEST_P(HttpRefusalsTest, TargetsUpToTheLimitAreTaken) {
  const std::string start = "/ping?_=";
  const std::string longest = start + std::string(65536 - start.size(), 'x');
  EXPECT_EQ(server().front_get(longest).status, 200);
  expect_error(server().front_get(longest + "x"), 414, "target of 65537 bytes");
  Client client = server().front();
  // Refused before the line ends.
  client.try_send("GET /" + std::string(200'000, 'x'), patience());
  EXPECT_EQ(client.read_response().status, 414);
}

TEST_P(HttpRefusalsTest, TooManyOrTooLongHeadersAreRefused) {
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
  EXPECT_EQ(usual.read_response().body, kPingAnswer);
}

TEST_P(HttpRefusalsTest, TooLargeBodiesAreRefused) {
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
  EXPECT_EQ(server().front_get("/ping").body, kPingAnswer);
}

TEST_P(HttpRefusalsTest, WhatIsNoHttpIsRefusedAndClosed) {
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

}  // namespace
}  // namespace support

// The handshake of a WebSocket, and frames that do not wait for it.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/support/websocket_test.h"

namespace support {
namespace {

class WebsocketHandshakeTest : public WebsocketTest {};
RUN_WITH_1_2_AND_4_REACTORS(WebsocketHandshakeTest);

TEST_P(WebsocketHandshakeTest, TheAnswerSwitchesProtocolsAndDeclinesExtensions) {
  WebsocketClient client(
      server().front_port(), "/ws",
      "Sec-WebSocket-Protocol: comet.v2, comet\r\n"
      "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
  const Response& head = client.head();
  EXPECT_EQ(head.status_line, "HTTP/1.1 101 Switching Protocols");
  EXPECT_EQ(head.header("upgrade"), "websocket");
  EXPECT_EQ(head.header("connection"), "Upgrade");
  EXPECT_EQ(head.header("sec-websocket-protocol"), "comet.v2");
  EXPECT_FALSE(head.has_header("sec-websocket-extensions"));
  EXPECT_FALSE(head.has_header("content-length"));
  EXPECT_FALSE(head.has_header("transfer-encoding"));
  expect_pong(client);
}

TEST_P(WebsocketHandshakeTest, WhatIsNoHandshakeIsAnsweredAsHttpAndTheConnectionGoesOn) {
  Client client = server().front();
  const auto status = [&client](std::string_view target, std::string_view headers) {
    client.get(target, headers);
    return client.read_response();
  };
  const Response plain = status("/ws?cname=a", "");
  EXPECT_EQ(plain.status, 426);
  EXPECT_EQ(plain.header("upgrade"), "websocket");
  EXPECT_EQ(plain.body, "this path speaks WebSocket only\n");
  const Response old = status("/ws?cname=a",
                              "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: x\r\n");
  EXPECT_EQ(old.status, 426);
  EXPECT_EQ(old.header("sec-websocket-version"), "13");
  const auto refused = [&](std::string_view target) {
    const Response response = status(target, kWebsocketHeaders);
    return std::to_string(response.status) + " " + response.body;
  };
  EXPECT_EQ(refused("/ws?cname="), "400 cname is missing\n");
  EXPECT_EQ(refused("/ws?cname=%07"), "400 cname has a control character\n");
  EXPECT_EQ(refused("/ws?cname=a&seq=x"), "400 seq is not a number\n");
  client.send("POST /ws HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 405);
  EXPECT_EQ(status("/ping", "").status, 200);
  // On another path, or another port, Upgrade is only a header.
  EXPECT_EQ(status("/ping", kWebsocketHeaders).status, 200);
}

TEST_P(WebsocketHandshakeTest, AnOriginThatIsRefusedGetsNoWebSocket) {
  comet::Config choosy = config();
  choosy.front.allow_origins = {"https://*.example.com"};
  const RunningServer own(choosy);
  Client client = own.front();
  client.get("/ws?cname=a",
             std::string(kWebsocketHeaders).append("Origin: https://evil.example\r\n"));
  EXPECT_EQ(client.read_response().status, 403);
  WebsocketClient friendly(own.front_port(), "/ws", "Origin: https://www.example.com\r\n");
  expect_pong(friendly);
}

TEST_P(WebsocketHandshakeTest, Http10CannotUpgrade) {
  Client client = server().front();
  client.send(std::string("GET /ws?cname=a HTTP/1.0\r\nHost: a\r\n")
                  .append(kWebsocketHeaders)
                  .append("\r\n"));
  EXPECT_EQ(client.read_response().status, 426);
}

TEST_P(WebsocketHandshakeTest, FramesMayComeWithTheHandshakeAndInAnyNumber) {
  // More of them than a turn reads.
  std::string request = "GET /ws HTTP/1.1\r\nHost: a\r\n";
  request.append(kWebsocketHeaders).append("\r\n");
  std::string expected;
  for (int i = 0; i < 2000; ++i) {
    const std::string number = std::to_string(i);
    request.append(client_frame(kPing, number));
    expected.append("pong(" + number + ") ");
  }
  request.append(client_frame(kClose));
  Client client = server().front();
  client.send(request);
  EXPECT_EQ(client.read_head().status, 101);
  std::string rest = client.read_rest();
  std::string words;
  while (!rest.empty()) {
    const std::size_t size = static_cast<std::size_t>(rest.at(1));
    words.append(rest.at(0) == '\x8a' ? "pong(" + rest.substr(2, size) + ") " : "close");
    rest.erase(0, 2 + size);
  }
  EXPECT_EQ(words, expected + "close");
}

// A frame that came while the poll before the handshake was waited for.
TEST_P(WebsocketHandshakeTest, FramesMayComeBeforeTheHandshakeIsRead) {
  const std::string name = unique_name();
  Client client = server().front();
  client.send("GET /poll?seq=1&cname=" + name + " HTTP/1.1\r\nHost: x\r\n\r\nGET /ws HTTP/1.1\r\n" +
              "Host: x\r\n" + std::string(kWebsocketHeaders) + "\r\n");
  server().await_subscribers(name, 1);
  client.send(client_frame(kPing, "early"));
  // The core has been told of it when it answers what came later.
  for (int i = 0; i < 8; ++i) EXPECT_EQ(server().front_get("/ping").status, 200);
  server().push(name, "x");
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_EQ(client.read_head().status, 101);
  EXPECT_EQ(client.read_exactly(7),
            "\x8a\x05"
            "early");
}

}  // namespace
}  // namespace support

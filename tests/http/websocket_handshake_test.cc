#include "http/websocket_handshake.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/request_parser.h"

namespace http {
namespace {

constexpr std::string_view kKeyLine = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

// RFC 6455 1.3, without its headers.
std::string request_with(std::string_view headers, std::string_view line = "GET /ws HTTP/1.1") {
  return std::string(line).append("\r\n").append(headers).append("\r\n");
}

std::string handshake_with(std::string_view more) {
  return request_with(std::string("Host: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                  "Sec-WebSocket-Version: 13\r\n")
                          .append(kKeyLine)
                          .append(more));
}

// What a request is answered: "101 <accept> <protocol>" or "<status> <reason>".
std::string answered(std::string_view bytes) {
  RequestParser parser{RequestLimits{}};
  const auto progress = parser.parse(bytes);
  EXPECT_EQ(progress.state, RequestParser::State::kComplete);
  EXPECT_EQ(progress.consumed, bytes.size());
  const auto read = read_websocket_handshake(parser.request());
  if (const auto* refusal = std::get_if<WebsocketRefusal>(&read)) {
    EXPECT_EQ(refusal->headers.find("Upgrade: websocket\r\n") != std::string_view::npos,
              refusal->status == 426);
    return std::to_string(refusal->status).append(" ").append(refusal->reason);
  }
  const auto& handshake = std::get<WebsocketHandshake>(read);
  return std::string("101 ").append(handshake.accept).append(" ").append(handshake.protocol);
}

constexpr std::string_view kAccepted = "101 s3pPLMBiTxaQ9kYGzzhZRbK+xOo= ";

TEST(WebsocketHandshake, AcceptsTheExampleOfTheRfc) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(answered(handshake_with("")), kAccepted);
}

TEST(WebsocketHandshake, ReadsListsAsBrowsersAndProxiesWriteThem) {
  const std::string_view headers[] = {
      "Host: a\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n",
      "Host: a\r\nUpgrade: h2c, websocket\r\nConnection: UPGRADE\r\n",
      "Host: a\r\nUpgrade: h2c\r\nUpgrade: websocket\r\nConnection: "
      "close\r\nConnection:upgrade\r\n",
      "Host: a\r\nUpgrade:,,websocket ,\r\nConnection: , upgrade\t,\r\n",
  };
  for (const std::string_view each : headers) {
    EXPECT_EQ(answered(request_with(
                  std::string(each).append("Sec-WebSocket-Version: 13\r\n").append(kKeyLine))),
              kAccepted)
        << each;
  }
}

TEST(WebsocketHandshake, RefusesWhatIsNone) {
  struct Case {
    std::string bytes;
    std::string_view expected;
  };
  const std::string key(kKeyLine);
  const std::string upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
  const std::string host = "Host: a\r\n";
  const std::string version = "Sec-WebSocket-Version: 13\r\n";
  const std::string good = host + upgrade + version;
  constexpr std::string_view kNotWebsocket = "426 this path speaks WebSocket only";
  constexpr std::string_view kWrongVersion = "426 Sec-WebSocket-Version must be 13";
  constexpr std::string_view kWrongKey = "400 Sec-WebSocket-Key is not 16 bytes in base64";
  constexpr std::string_view kWrongHost = "400 a WebSocket handshake has one Host";
  const std::vector<Case> cases{
      {request_with(host), kNotWebsocket},
      {request_with(good + key, "GET /ws HTTP/1.0"), kNotWebsocket},
      {request_with(good + key, "POST /ws HTTP/1.1"), kNotWebsocket},
      {request_with(good + key, "HEAD /ws HTTP/1.1"), kNotWebsocket},
      {request_with(host + "Upgrade: h2c\r\nConnection: Upgrade\r\n" + version + key),
       kNotWebsocket},
      {request_with(host + "Upgrade: websockets\r\nConnection: Upgrade\r\n" + version + key),
       kNotWebsocket},
      {request_with(host + "Upgrade: websocket\r\n" + version + key),
       "400 Connection does not say Upgrade"},
      {request_with(host + "Upgrade: websocket\r\nConnection: keep-alive\r\n" + version + key),
       "400 Connection does not say Upgrade"},
      {request_with(host + upgrade + key), kWrongVersion},
      {request_with(host + upgrade + "Sec-WebSocket-Version: 8\r\n" + key), kWrongVersion},
      {request_with(host + upgrade + "Sec-WebSocket-Version: 013\r\n" + key), kWrongVersion},
      {request_with(good + version + key), kWrongVersion},
      {request_with(upgrade + version + key), kWrongHost},
      {request_with("Host:\r\n" + upgrade + version + key), kWrongHost},
      {request_with(host + good + key), kWrongHost},
      {request_with(good), kWrongKey},
      {request_with(good + key + key), kWrongKey},
      {request_with(good + "Sec-WebSocket-Key:\r\n"), kWrongKey},
      {request_with(good + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n"), kWrongKey},
      {request_with(good + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZSE=\r\n"), kWrongKey},
      {request_with(good + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZSEh\r\n"), kWrongKey},
      {request_with(good + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ=Q=\r\n"), kWrongKey},
      {request_with(good + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ*==\r\n"), kWrongKey},
      {request_with(good + "Sec-WebSocket-Key: ====================  ==\r\n"), kWrongKey},
      {handshake_with("Sec-WebSocket-Protocol: a b\r\n"),
       "400 Sec-WebSocket-Protocol is not a list of tokens"},
      {handshake_with("Content-Length: 2\r\n") + "ab", "400 a WebSocket handshake has no body"},
  };
  for (const Case& each : cases) EXPECT_EQ(answered(each.bytes), each.expected) << each.bytes;
}

TEST(WebsocketHandshake, ChoosesTheFirstProtocolAndNoExtension) {
  EXPECT_EQ(answered(handshake_with("Sec-WebSocket-Protocol: chat.v2, chat\r\n")),
            std::string(kAccepted) + "chat.v2");
  EXPECT_EQ(answered(handshake_with("Sec-WebSocket-Protocol: ,\r\nSec-WebSocket-Protocol: b\r\n"
                                    "Sec-WebSocket-Extensions: permessage-deflate\r\n")),
            std::string(kAccepted) + "b");
}

TEST(WebsocketHandshake, WhatFollowsIsLeftToTheFrames) {
  RequestParser parser{RequestLimits{}};
  const std::string handshake = handshake_with("");
  const std::string frames = "\x89\x80\x01\x02\x03\x04GET / HTTP/1.1\r\n\r\n";
  const auto progress = parser.parse(handshake + frames);
  EXPECT_EQ(progress.state, RequestParser::State::kComplete);
  EXPECT_EQ(progress.consumed, handshake.size());
}

TEST(WebsocketHandshake, TheAnswerIsAHeadAlone) {
  std::string out;
  append_websocket_head(out, {"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "chat"}, "A: b\r\n",
                        "Wed, 25 Nov 2026 00:00:00 GMT");
  EXPECT_EQ(out,
            "HTTP/1.1 101 Switching Protocols\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            "Sec-WebSocket-Protocol: chat\r\n"
            "Date: Wed, 25 Nov 2026 00:00:00 GMT\r\nA: b\r\n\r\n");
  out.clear();
  append_websocket_head(out, {"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", ""}, "", "now");
  EXPECT_EQ(out.find("Protocol: "), std::string::npos);
}

}  // namespace
}  // namespace http

// WebSocket as a subscriber has it: the handshake, messages, operations, and how it ends.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "tests/support/server_test.h"
#include "tests/support/websocket_client.h"

namespace {

using support::client_fragment;
using support::client_frame;
using support::close_payload;
using support::data;
using support::kClose;
using support::kPing;
using support::kText;
using support::message;
using support::next_seq;
using support::Response;
using support::RunningServer;
using support::ServerTest;
using support::WebsocketClient;

std::string subscribe(std::string_view cname, std::uint64_t seq) {
  return std::string(R"({"op":"subscribe","cname":")")
      .append(cname)
      .append(R"(","seq":)")
      .append(std::to_string(seq))
      .append("}");
}
std::string unsubscribe(std::string_view cname) {
  return std::string(R"({"op":"unsubscribe","cname":")").append(cname).append("\"}");
}
std::string subscribed(std::string_view cname, std::uint64_t seq) {
  return std::string(R"({"type":"subscribed","cname":")")
      .append(cname)
      .append(R"(","seq":)")
      .append(std::to_string(seq))
      .append("}");
}
std::string unsubscribed(std::string_view cname) {
  return std::string(R"({"type":"unsubscribed","cname":")").append(cname).append("\"}");
}
std::string error(std::string_view op, std::string_view cname, std::string_view reason) {
  return std::string(R"({"type":"error","op":")")
      .append(op)
      .append(R"(","cname":")")
      .append(cname)
      .append(R"(","reason":")")
      .append(reason)
      .append("\"}");
}

// That the other end is there and has read everything before.
void expect_pong(WebsocketClient& client) {
  client.send(client_frame(kPing, "there?"));
  EXPECT_EQ(client.next_frame().words(), "pong(there?)");
}

class WebsocketTest : public ServerTest {
 protected:
  [[nodiscard]] WebsocketClient listen(std::string_view query) const {
    return {server().front_port(), std::string("/ws?").append(query)};
  }
};
RUN_WITH_1_2_AND_4_REACTORS(WebsocketTest);

// --- The handshake ------------------------------------------------------------------------------

TEST_P(WebsocketTest, TheAnswerSwitchesProtocolsAndDeclinesExtensions) {
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

TEST_P(WebsocketTest, WhatIsNoHandshakeIsAnsweredAsHttpAndTheConnectionGoesOn) {
  support::Client client = server().front();
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
    const Response response = status(target, support::kWebsocketHeaders);
    return std::to_string(response.status) + " " + response.body;
  };
  EXPECT_EQ(refused("/ws?cname="), "400 cname is missing\n");
  EXPECT_EQ(refused("/ws?cname=%07"), "400 cname has a control character\n");
  EXPECT_EQ(refused("/ws?cname=a&seq=x"), "400 seq is not a number\n");
  client.send("POST /ws HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 405);
  EXPECT_EQ(status("/ping", "").status, 200);
  // On another path, or another port, Upgrade is only a header.
  EXPECT_EQ(status("/ping", support::kWebsocketHeaders).status, 200);
}

TEST_P(WebsocketTest, AnOriginThatIsRefusedGetsNoWebSocket) {
  comet::Config choosy = config();
  choosy.front.allow_origins = {"https://*.example.com"};
  const RunningServer own(choosy);
  support::Client client = own.front();
  client.get("/ws?cname=a",
             std::string(support::kWebsocketHeaders).append("Origin: https://evil.example\r\n"));
  EXPECT_EQ(client.read_response().status, 403);
  WebsocketClient friendly(own.front_port(), "/ws", "Origin: https://www.example.com\r\n");
  expect_pong(friendly);
}

TEST_P(WebsocketTest, Http10CannotUpgrade) {
  support::Client client = server().front();
  client.send(std::string("GET /ws?cname=a HTTP/1.0\r\nHost: a\r\n")
                  .append(support::kWebsocketHeaders)
                  .append("\r\n"));
  EXPECT_EQ(client.read_response().status, 426);
}

// The pong cannot leave any more when the hub answers the operation behind it.
TEST_P(WebsocketTest, AClientThatAsksAndResetsHarmsNobody) {
  for (int i = 0; i < 50; ++i) {
    for (const std::string& operation : {subscribe("other", 1), unsubscribe("one")}) {
      WebsocketClient client = listen("cname=one&seq=1");
      client.send(client_frame(kPing, "there?") + client_frame(kText, operation) +
                  client_frame(kPing) + client_frame(kText, unsubscribe("one")));
      client.client().reset();
    }
  }
  server().await_subscribers("one", 0);
  server().await_subscribers("other", 0);
  WebsocketClient client = listen("");
  expect_pong(client);
}

TEST_P(WebsocketTest, ThousandsOfOperationsInOneWriteAreAllAnswered) {
  WebsocketClient client = listen("");
  std::string operations;
  constexpr int kRounds = 500;
  for (int i = 0; i < kRounds; ++i) {
    operations += client_frame(kText, subscribe("often", 1));
    operations += client_frame(kText, unsubscribe("often"));
  }
  client.send(operations);
  int answered = 0;
  while (answered < kRounds) {
    if (client.next_frame().payload == unsubscribed("often")) ++answered;
  }
  expect_pong(client);
}

TEST_P(WebsocketTest, FramesMayComeWithTheHandshakeAndInAnyNumber) {
  // More of them than a turn reads.
  std::string request = "GET /ws HTTP/1.1\r\nHost: a\r\n";
  request.append(support::kWebsocketHeaders).append("\r\n");
  std::string expected;
  for (int i = 0; i < 2000; ++i) {
    const std::string number = std::to_string(i);
    request.append(client_frame(kPing, number));
    expected.append("pong(" + number + ") ");
  }
  request.append(client_frame(kClose));
  support::Client client = server().front();
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

// --- Messages -----------------------------------------------------------------------------------

// A frame that came while the poll before the handshake was waited for.
TEST_P(WebsocketTest, FramesMayComeBeforeTheHandshakeIsRead) {
  const std::string name = unique_name();
  support::Client client = server().front();
  client.send("GET /poll?seq=1&cname=" + name + " HTTP/1.1\r\nHost: x\r\n\r\nGET /ws HTTP/1.1\r\n" +
              "Host: x\r\n" + std::string(support::kWebsocketHeaders) + "\r\n");
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

TEST_P(WebsocketTest, EachMessageIsATextOfItsOwn) {
  const std::string name = unique_name();
  server().push(name, "before");
  WebsocketClient client = listen("cname=" + name + "&seq=1");
  EXPECT_EQ(client.next_text(), data(name, 1, "before"));
  for (const std::size_t size : {1u, 125u, 126u, 1000u, 65535u, 65536u, 70000u}) {
    const std::string content(size, 'x');
    const Response pushed = server().admin_post("/push?cname=" + name, "text/plain", content);
    EXPECT_EQ(pushed.status, 200);
    const std::string text = client.next_text();
    EXPECT_EQ(text.substr(text.find(",\"content\"")), ",\"content\":\"" + content + "\"}");
  }
  server().broadcast("to all");
  EXPECT_EQ(client.next_text(), message("broadcast", name, 9, "to all"));
  EXPECT_EQ(client.next_text(), next_seq(name, 10));
}

TEST_P(WebsocketTest, SeveralChannelsShareAConnection) {
  const std::string a = unique_name();
  const std::string b = unique_name();
  server().push(a, "1");
  WebsocketClient client = listen("cname=" + a + "&seq=1&cname=" + b + "&seq=1");
  EXPECT_EQ(client.next_text(), data(a, 1, "1"));
  server().await_subscribers(b, 1);
  server().push(b, "2");
  EXPECT_EQ(client.next_text(), data(b, 1, "2"));
}

TEST_P(WebsocketTest, ChannelsComeAndGoOnTheWay) {
  const std::string a = unique_name();
  const std::string b = unique_name();
  server().push(a, "one");
  server().push(a, "two");
  WebsocketClient client = listen("");
  client.send_text(subscribe(a, 2));
  EXPECT_EQ(client.next_text(), subscribed(a, 2));
  EXPECT_EQ(client.next_text(), data(a, 2, "two"));
  client.send_text(subscribe(b, 0));
  EXPECT_EQ(client.next_text(), subscribed(b, 1));
  EXPECT_EQ(client.next_text(), next_seq(b, 1));
  server().push(b, "of b");
  EXPECT_EQ(client.next_text(), data(b, 1, "of b"));

  client.send_text(subscribe(a, 0));
  EXPECT_EQ(client.next_text(), error("subscribe", a, "already subscribed"));
  client.send_text(unsubscribe(a));
  EXPECT_EQ(client.next_text(), unsubscribed(a));
  client.send_text(unsubscribe(a));
  EXPECT_EQ(client.next_text(), error("unsubscribe", a, "not subscribed"));
  server().await_subscribers(a, 0);
  server().push(a, "to nobody");
  server().push(b, "again");
  EXPECT_EQ(client.next_text(), data(b, 2, "again"));
}

TEST_P(WebsocketTest, WhatIsNoOperationIsAnsweredAndDoesNoHarm) {
  WebsocketClient client = listen("");
  client.send_text("hello");
  EXPECT_EQ(client.next_text(), error("", "", "the message is not a JSON object"));
  client.send_text(R"({"op":"publish","cname":"a","content":"x"})");
  EXPECT_EQ(client.next_text(), error("publish", "a", "unknown op"));
  client.send_text(R"({"op":"subscribe"})");
  EXPECT_EQ(client.next_text(), error("subscribe", "", "cname is missing"));
  expect_pong(client);
}

TEST_P(WebsocketTest, AConnectionHasSoManyChannelsAndNoMore) {
  comet::Config limited = config();
  limited.front.max_channels_per_connection = 2;
  const RunningServer own(limited);
  WebsocketClient client(own.front_port(), "/ws?cname=a");
  EXPECT_EQ(client.next_text(), next_seq("a", 1));
  client.send_text(subscribe("b", 1));
  EXPECT_EQ(client.next_text(), subscribed("b", 1));
  client.send_text(subscribe("c", 1));
  EXPECT_EQ(client.next_text(), error("subscribe", "c", "too many channels"));
  client.send_text(unsubscribe("a"));
  EXPECT_EQ(client.next_text(), unsubscribed("a"));
  client.send_text(subscribe("c", 1));
  EXPECT_EQ(client.next_text(), subscribed("c", 1));
}

TEST_P(WebsocketTest, AWrongTokenIsToldAndTheConnectionStays) {
  comet::Config secured = config();
  secured.front.auth = comet::Auth::kToken;
  const RunningServer own(secured);
  const std::string token = own.token("a");
  WebsocketClient client(own.front_port(), "/ws?cname=a&token=0&cname=b");
  // Two homes answer in whatever order.
  const std::set<std::string> refusals{client.next_text(), client.next_text()};
  EXPECT_EQ(refusals, (std::set<std::string>{message("401", "a", 0, "Token error"),
                                             message("401", "b", 0, "Token error")}));
  client.send_text(subscribe("a", 1));
  EXPECT_EQ(client.next_text(), error("subscribe", "a", "Token error"));
  client.send_text(R"({"op":"subscribe","cname":"a","seq":1,"token":")" + token + "\"}");
  EXPECT_EQ(client.next_text(), subscribed("a", 1));
  own.push("a", "secret");
  EXPECT_EQ(client.next_text(), data("a", 1, "secret"));
}

TEST_P(WebsocketTest, AClosedChannelLeavesTheConnection) {
  const std::string name = unique_name();
  WebsocketClient client = listen("cname=" + name);
  EXPECT_EQ(client.next_text(), next_seq(name, 1));
  EXPECT_EQ(server().admin_get("/close?cname=" + name).status, 200);
  EXPECT_EQ(client.next_text(), message("close", name, 1, ""));
  expect_pong(client);
  client.send_text(subscribe(name, 1));
  EXPECT_EQ(client.next_text(), subscribed(name, 1));
}

TEST_P(WebsocketTest, OperationsInAFloodAreAnsweredOneByOne) {
  const std::string name = unique_name();
  WebsocketClient client = listen("");
  std::string sent;
  constexpr int kRounds = 1000;
  for (int i = 0; i < kRounds; ++i) {
    sent.append(client_frame(kText, subscribe(name, 1)))
        .append(client_frame(kText, unsubscribe(name)));
  }
  sent.append(client_frame(kClose));
  client.send(sent);
  // The home may be on another core: an operation may be undone before it was answered.
  int unsubscribes = 0;
  for (;;) {
    const support::ServerFrame frame = client.next_frame();
    if (frame.opcode == kClose) break;
    if (frame.payload == unsubscribed(name)) ++unsubscribes;
  }
  EXPECT_EQ(unsubscribes, kRounds);
  server().await_subscribers(name, 0);
}

// --- Signs of life
// --------------------------------------------------------------------------------

TEST_P(WebsocketTest, AHeartbeatIsANoopAndAPing) {
  comet::Config quick = config();
  quick.front.polling_timeout_s = 1;
  const RunningServer own(quick);
  WebsocketClient client(own.front_port(), "/ws?cname=a&seq=1&noop=7");
  WebsocketClient without(own.front_port(), "/ws");
  EXPECT_EQ(client.next_text(), message("noop", "a", 7, ""));
  EXPECT_EQ(client.next_frame().words(), "ping()");
  EXPECT_EQ(without.next_frame().words(), "ping()");
}

TEST_P(WebsocketTest, AClientThatSaysNothingIsTakenForGone) {
  comet::Config quick = config();
  quick.front.polling_timeout_s = 1;
  const RunningServer own(quick);
  WebsocketClient client(own.front_port(), "/ws");
  EXPECT_EQ(client.next_frame().words(), "ping()");
  client.client().expect_end();
  own.await_answer("/info", "\"silent\": 1");
}

// --- The end
// --------------------------------------------------------------------------------------

TEST_P(WebsocketTest, AClientThatLeavesIsGone) {
  const std::string name = unique_name();
  const auto seated = [&] {
    WebsocketClient client = listen("cname=" + name + "&seq=1");
    server().await_subscribers(name, 1);
    return client;
  };
  WebsocketClient polite = seated();
  polite.send(client_frame(kClose, close_payload(1000)));
  EXPECT_EQ(polite.read_close(), "close(1000)");
  server().await_subscribers(name, 0);

  WebsocketClient rude = seated();
  rude.client().close();
  server().await_subscribers(name, 0);

  WebsocketClient reset = seated();
  reset.client().reset();
  server().await_subscribers(name, 0);

  WebsocketClient half = seated();
  half.send(client_frame(kPing, "last"));
  half.client().shutdown_write();
  server().await_subscribers(name, 0);
}

TEST_P(WebsocketTest, AViolationIsCounted) {
  const RunningServer own(config());
  WebsocketClient client(own.front_port(), "/ws?cname=a");
  EXPECT_EQ(client.next_text(), next_seq("a", 1));
  client.send("\xff");
  EXPECT_EQ(client.read_close(), "close(1002 reserved bits are set)");
  own.await_answer("/info", "\"websocket_fault\": 1");
  own.await_subscribers("a", 0);
}

TEST_P(WebsocketTest, AMessageThatDoesNotEndIsNotWaitedFor) {
  comet::Config impatient = config();
  impatient.limits.body_timeout_s = 1;
  const RunningServer own(impatient);
  WebsocketClient client(own.front_port(), "/ws");
  client.send(client_fragment(kText, "{\"op\":", false));
  EXPECT_EQ(client.read_close(), "close(1008 the message did not arrive in time)");
}

TEST_P(WebsocketTest, WhoSendsPingsAndFetchesNoPongsIsClosed) {
  comet::Config impatient = config();
  impatient.limits.idle_timeout_s = 1;
  const RunningServer own(impatient);
  WebsocketClient client(own.front_port(), "/ws");
  std::string pings;
  for (int i = 0; i < 500; ++i) pings.append(client_frame(kPing, std::string(125, 'p')));
  // Until both sockets are full, as what the server keeps has a bound; and then until it closes.
  while (client.client().try_send(pings, support::patience())) {
  }
  own.await_answer("/info", "\"slow_reader\": 1");
}

TEST_P(WebsocketTest, WhenTheServerDrainsItSaysSoAndWaitsForTheAnswer) {
  comet::Config draining = config();
  draining.drain_timeout_s = 0;
  RunningServer own(draining);
  WebsocketClient idle(own.front_port(), "/ws");
  WebsocketClient client(own.front_port(), "/ws?cname=a&seq=1");
  own.await_subscribers("a", 1);
  expect_pong(idle);
  own.drain();
  for (WebsocketClient* each : {&client, &idle}) {
    const support::ServerFrame frame = each->next_frame();
    EXPECT_EQ(frame.words().substr(0, 10), "close(1001");
    each->send(client_frame(kClose, close_payload(1001)));
    each->client().expect_end();
  }
  own.await_drained();
}

}  // namespace

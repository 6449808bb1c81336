// What a client asks for on a WebSocket, and what it is answered.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/support/websocket_test.h"

namespace support {
namespace {

class WebsocketOperationsTest : public WebsocketTest {};
RUN_WITH_1_2_AND_4_REACTORS(WebsocketOperationsTest);

TEST_P(WebsocketOperationsTest, ChannelsComeAndGoOnTheWay) {
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

TEST_P(WebsocketOperationsTest, WhatIsNoOperationIsAnsweredAndDoesNoHarm) {
  WebsocketClient client = listen("");
  client.send_text("hello");
  EXPECT_EQ(client.next_text(), error("", "", "the message is not a JSON object"));
  client.send_text(R"({"op":"publish","cname":"a","content":"x"})");
  EXPECT_EQ(client.next_text(), error("publish", "a", "unknown op"));
  client.send_text(R"({"op":"subscribe"})");
  EXPECT_EQ(client.next_text(), error("subscribe", "", "cname is missing"));
  expect_pong(client);
}

TEST_P(WebsocketOperationsTest, AConnectionHasSoManyChannelsAndNoMore) {
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

TEST_P(WebsocketOperationsTest, AWrongTokenIsToldAndTheConnectionStays) {
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

TEST_P(WebsocketOperationsTest, ThousandsOfOperationsInOneWriteAreAllAnswered) {
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

TEST_P(WebsocketOperationsTest, OperationsInAFloodAreAnsweredOneByOne) {
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
    const ServerFrame frame = client.next_frame();
    if (frame.opcode == kClose) break;
    if (frame.payload == unsubscribed(name)) ++unsubscribes;
  }
  EXPECT_EQ(unsubscribes, kRounds);
  server().await_subscribers(name, 0);
}

// The pong cannot leave any more when the hub answers the operation behind it.
TEST_P(WebsocketOperationsTest, AClientThatAsksAndResetsHarmsNobody) {
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

}  // namespace
}  // namespace support

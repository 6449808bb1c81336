// What a WebSocket brings: messages of its channels, and signs of life.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/websocket_test.h"

namespace support {
namespace {

class WebsocketMessagesTest : public WebsocketTest {};
RUN_WITH_1_2_AND_4_REACTORS(WebsocketMessagesTest);

TEST_P(WebsocketMessagesTest, EachMessageIsATextOfItsOwn) {
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

TEST_P(WebsocketMessagesTest, SeveralChannelsShareAConnection) {
  const std::string a = unique_name();
  const std::string b = unique_name();
  server().push(a, "1");
  WebsocketClient client = listen("cname=" + a + "&seq=1&cname=" + b + "&seq=1");
  EXPECT_EQ(client.next_text(), data(a, 1, "1"));
  server().await_subscribers(b, 1);
  server().push(b, "2");
  EXPECT_EQ(client.next_text(), data(b, 1, "2"));
}

TEST_P(WebsocketMessagesTest, AClosedChannelLeavesTheConnection) {
  const std::string name = unique_name();
  WebsocketClient client = listen("cname=" + name);
  EXPECT_EQ(client.next_text(), next_seq(name, 1));
  EXPECT_EQ(server().admin_get("/close?cname=" + name).status, 200);
  EXPECT_EQ(client.next_text(), message("close", name, 1, ""));
  expect_pong(client);
  client.send_text(subscribe(name, 1));
  EXPECT_EQ(client.next_text(), subscribed(name, 1));
}

TEST_P(WebsocketMessagesTest, AHeartbeatIsANoopAndAPing) {
  comet::Config quick = config();
  quick.front.polling_timeout_s = 1;
  const RunningServer own(quick);
  WebsocketClient client(own.front_port(), "/ws?cname=a&seq=1&noop=7");
  WebsocketClient without(own.front_port(), "/ws");
  EXPECT_EQ(client.next_text(), message("noop", "a", 7, ""));
  EXPECT_EQ(client.next_frame().words(), "ping()");
  EXPECT_EQ(without.next_frame().words(), "ping()");
}

}  // namespace
}  // namespace support

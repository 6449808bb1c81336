// How a WebSocket ends: by its client, for what its client does or does not, and by the server.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/websocket_test.h"

namespace support {
namespace {

class WebsocketEndingsTest : public WebsocketTest {};
RUN_WITH_1_2_AND_4_REACTORS(WebsocketEndingsTest);

TEST_P(WebsocketEndingsTest, AClientThatLeavesIsGone) {
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

TEST_P(WebsocketEndingsTest, AClientThatSaysNothingIsTakenForGone) {
  comet::Config quick = config();
  quick.front.polling_timeout_s = 1;
  const RunningServer own(quick);
  WebsocketClient client(own.front_port(), "/ws");
  EXPECT_EQ(client.next_frame().words(), "ping()");
  client.client().expect_end();
  own.await_answer("/info", "\"silent\": 1");
}

TEST_P(WebsocketEndingsTest, AViolationIsCounted) {
  const RunningServer own(config());
  WebsocketClient client(own.front_port(), "/ws?cname=a");
  EXPECT_EQ(client.next_text(), next_seq("a", 1));
  client.send("\xff");
  EXPECT_EQ(client.read_close(), "close(1002 reserved bits are set)");
  own.await_answer("/info", "\"websocket_fault\": 1");
  own.await_subscribers("a", 0);
}

TEST_P(WebsocketEndingsTest, AMessageThatDoesNotEndIsNotWaitedFor) {
  comet::Config impatient = config();
  impatient.limits.body_timeout_s = 1;
  const RunningServer own(impatient);
  WebsocketClient client(own.front_port(), "/ws");
  client.send(client_fragment(kText, "{\"op\":", false));
  EXPECT_EQ(client.read_close(), "close(1008 the message did not arrive in time)");
}

TEST_P(WebsocketEndingsTest, WhoSendsPingsAndFetchesNoPongsIsClosed) {
  comet::Config impatient = config();
  impatient.limits.idle_timeout_s = 1;
  const RunningServer own(impatient);
  WebsocketClient client(own.front_port(), "/ws");
  std::string pings;
  for (int i = 0; i < 500; ++i) pings.append(client_frame(kPing, std::string(125, 'p')));
  // Until both sockets are full, as what the server keeps has a bound; and then until it closes.
  while (client.client().try_send(pings, patience())) {
  }
  own.await_answer("/info", "\"slow_reader\": 1");
}

TEST_P(WebsocketEndingsTest, WhenTheServerDrainsItSaysSoAndWaitsForTheAnswer) {
  comet::Config draining = config();
  draining.drain_timeout_s = 0;
  RunningServer own(draining);
  WebsocketClient idle(own.front_port(), "/ws");
  WebsocketClient client(own.front_port(), "/ws?cname=a&seq=1");
  own.await_subscribers("a", 1);
  expect_pong(idle);
  own.drain();
  for (WebsocketClient* each : {&client, &idle}) {
    const ServerFrame frame = each->next_frame();
    EXPECT_EQ(frame.words().substr(0, 10), "close(1001");
    each->send(client_frame(kClose, close_payload(1001)));
    each->client().expect_end();
  }
  own.await_drained();
}

}  // namespace
}  // namespace support

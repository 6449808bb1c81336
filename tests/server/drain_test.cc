// Draining over real sockets: who is told what, who is still served, and when it is over.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/server_test.h"
#include "tests/support/websocket_client.h"

namespace support {
namespace {

class DrainTest : public ServerTest {
 protected:
  // Long enough that no test sees its end.
  [[nodiscard]] comet::Config patient() const {
    comet::Config patient = config();
    patient.drain_timeout_s = 3600;
    patient.limits.header_timeout_s = 3600;
    return patient;
  }
  // A connection whose request has begun keeps the drain going until it is answered.
  static Client unfinished(const RunningServer& own) {
    Client client = own.front();
    client.get("/ping");
    EXPECT_EQ(client.read_response().status, 200);  // accepted, so the drain finds it
    client.send("GET /ping HTTP/1.1\r\nHo");
    return client;
  }
  // All cores close their listeners at the top of their next turn.
  static void await_closed_front(const RunningServer& own) {
    const auto is_closed = [&] {
      try {
        const Client taken = own.front();
        return false;
      } catch (const ClientError&) {
        return true;
      }
    };
    EXPECT_TRUE(eventually(is_closed)) << "the front port should be closed";
  }
  static void finish(Client& client) {
    client.send("st: x\r\n\r\n");
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.header("connection"), "close");
    client.expect_end();
  }
};
RUN_WITH_1_2_AND_4_REACTORS(DrainTest);

TEST_P(DrainTest, EachTransportIsToldWhatItCanBeTold) {
  RunningServer own(patient());
  std::vector<std::unique_ptr<Subscription>> subscriptions;
  std::vector<std::string_view> paths;
  for (int i = 0; i < 8; ++i) {
    for (const Endless& transport : endless_transports()) {
      subscriptions.push_back(std::make_unique<Subscription>(own, transport, "cname=a&seq=1"));
      paths.push_back(transport.path);
    }
  }
  std::vector<Client> polls;
  for (int i = 0; i < 8; ++i) {
    polls.push_back(own.front());
    polls.back().get("/poll?cname=a&seq=1&noop=5");
  }
  own.await_subscribers("a", 32);
  own.drain();
  for (std::size_t i = 0; i < subscriptions.size(); ++i) {
    Client& client = subscriptions[i]->client();
    if (paths[i] == "/sse") {
      const std::string goodbye = client.next_chunk().value_or("");
      EXPECT_TRUE(goodbye.starts_with("retry: ") && goodbye.ends_with("\n\n")) << goodbye;
    }
    EXPECT_EQ(client.next_chunk(), std::nullopt) << paths[i] << ": no last chunk";
  }
  for (Client& poll : polls) {
    const Response response = poll.read_response();
    EXPECT_EQ(response.body, "icomet_cb(" + message("noop", "a", 5, "") + ");\n");
    EXPECT_EQ(response.header("connection"), "close");
    poll.expect_end();
  }
  own.await_drained();
}

TEST_P(DrainTest, IdleConnectionsEndAndNothingIsLeft) {
  RunningServer own(patient());
  std::vector<Client> idle;
  for (int i = 0; i < 8; ++i) {
    idle.push_back(own.front());
    idle.back().get("/ping");
    EXPECT_EQ(idle.back().read_response().status, 200);
  }
  Client silent = own.front();  // never sent anything
  own.drain();
  for (Client& client : idle) client.expect_end();
  silent.expect_end();
  own.await_drained();
}

TEST_P(DrainTest, WithoutClientsItIsOverAtOnce) {
  RunningServer own(patient());
  EXPECT_FALSE(own.drained());
  own.drain();
  own.await_drained();
}

TEST_P(DrainTest, TheAdminPortAnswersAndTheFrontPortIsClosed) {
  RunningServer own(patient());
  Client holding = unfinished(own);
  Client presence = own.admin();
  presence.get("/psub");
  EXPECT_EQ(presence.read_head().status, 200);
  Client publisher = own.admin();
  publisher.get("/info");
  EXPECT_EQ(publisher.read_response().header("connection"), "keep-alive");
  own.drain();

  publisher.get("/push?cname=a&content=x");
  const Response pushed = publisher.read_response();
  EXPECT_EQ(pushed.body, "{\"type\":\"ok\"}\n");
  EXPECT_EQ(pushed.header("connection"), "close");
  EXPECT_EQ(presence.next_chunk(), "1 a\n");
  for (int i = 0; i < 8; ++i) EXPECT_EQ(own.admin_get("/check?cname=a").body, "{\"a\": 1}\n");
  EXPECT_FALSE(own.drained());
  await_closed_front(own);
  finish(holding);
  own.await_drained();
  EXPECT_EQ(own.admin_get("/check?cname=a").body, "{\"a\": 1}\n") << "until the very end";
}

TEST_P(DrainTest, ASuccessorTakesTheFrontPortMeanwhile) {
  RunningServer own(patient());
  Client holding = unfinished(own);
  Client waiting = own.front();
  waiting.get("/poll?cname=a&seq=1");
  own.await_subscribers("a", 1);
  own.drain();
  EXPECT_EQ(waiting.read_response().header("connection"), "close");

  comet::Config same = config();
  same.front.listen = {"127.0.0.1:" + std::to_string(own.front_port())};
  // All cores close their listeners at the top of their next turn.
  auto successor = comet::Server::start(same);
  ASSERT_TRUE(eventually([&] {
    return successor.ok() || (successor = comet::Server::start(same));
  })) << successor.error();
  Client client(own.front_port());
  client.get("/ping");
  EXPECT_EQ(client.read_response().header("connection"), "keep-alive");
  EXPECT_FALSE(own.drained());
  finish(holding);
  own.await_drained();
  own.stop();
  client.get("/sub?cname=a");
  EXPECT_EQ(client.read_response().body, next_seq("a", 1) + "\n");
}

TEST_P(DrainTest, ASlowReaderGetsWhatItMissesBeforeItsEnd) {
  constexpr int kMessages = 40;
  comet::Config roomy = patient();
  roomy.front.backlog_bytes = 256u << 20;
  RunningServer own(roomy);
  Subscription slow(own, "cname=a&seq=1");
  const std::string content(1u << 18, 'x');
  Client publisher = own.admin();
  for (int i = 0; i < kMessages; ++i) {
    publisher.post("/push?cname=a", "text/plain", content);
    EXPECT_EQ(publisher.read_response().status, 200);
  }
  own.drain();
  for (int i = 1; i <= kMessages; ++i) {
    EXPECT_EQ(slow.next(), data("a", static_cast<std::uint64_t>(i), content));
  }
  EXPECT_EQ(slow.client().next_chunk(), std::nullopt);
  own.await_drained();
}

// However long it takes, as long as it reads. What passes meanwhile is the time that a request has.
TEST_P(DrainTest, AWebSocketThatStillFetchesIsNotCut) {
  constexpr std::size_t kBytes = 24u << 20;  // more than sockets take
  comet::Config roomy = patient();
  roomy.limits.body_bytes = kBytes;
  roomy.limits.content_bytes = kBytes;
  roomy.limits.header_timeout_s = 3;
  RunningServer own(roomy);
  const std::string content(kBytes, 'x');
  EXPECT_EQ(own.admin_post("/push?cname=a", "text/plain", content).status, 200);
  WebsocketClient slow(own.front_port(), "/ws?cname=a&seq=1");
  own.await_subscribers("a", 1);
  own.drain();
  Client late = own.admin();
  late.send("GET /info HTTP/1.1\r\nHo");
  EXPECT_EQ(late.read_response().status, 408);
  EXPECT_EQ(slow.next_text(), data("a", 1, content));
  EXPECT_EQ(slow.read_close().substr(0, 10), "close(1001");
}

TEST_P(DrainTest, ARequestThatIsUnderWayIsAnswered) {
  RunningServer own(patient());
  Client subscriber = unfinished(own);
  Client publisher = own.admin();
  publisher.get("/info");
  EXPECT_EQ(publisher.read_response().status, 200);
  publisher.send(
      "POST /push?cname=a HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
      "Content-Length: 5\r\n\r\nhe");
  own.drain();
  publisher.send("llo");
  EXPECT_EQ(publisher.read_response().body, "{\"type\":\"ok\"}\n");
  finish(subscriber);
  own.await_drained();
}

TEST_P(DrainTest, WithoutTimeItIsOverAsSoonAsEverybodyWasTold) {
  comet::Config hasty = config();
  hasty.drain_timeout_s = 0;
  RunningServer own(hasty);
  Client half = unfinished(own);
  std::vector<std::unique_ptr<Subscription>> subscriptions;
  for (int i = 0; i < 100; ++i) {
    subscriptions.push_back(std::make_unique<Subscription>(own, "cname=a&seq=1"));
  }
  own.drain();
  own.await_drained();  // whoever has not finished its request is not waited for
  for (auto& subscription : subscriptions) {
    EXPECT_EQ(subscription->client().next_chunk(), std::nullopt);
  }
}

TEST_P(DrainTest, StoppingEndsADrainAtOnce) {
  RunningServer own(patient());
  Client holding = unfinished(own);
  own.drain();
  own.stop();
  holding.expect_end();
  EXPECT_THROW(own.admin(), ClientError);
}

}  // namespace
}  // namespace support

// Who is let in at the front port, what the others hear, and that the admin port answers meanwhile.
#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/server_process.h"
#include "tests/support/server_test.h"
#include "tests/support/websocket_client.h"

namespace support {
namespace {

Client connected(std::uint16_t port) {
  Client client(port);
  client.get("/ping");
  const Response response = client.read_response();
  EXPECT_EQ(response.status, 200) << response.body;
  return client;
}

// Asks on new connections until one is let in.
void await_room(std::uint16_t port) {
  const auto is_let_in = [&] {
    Client client(port);
    client.get("/ping");
    return client.read_response().status == 200;
  };
  EXPECT_TRUE(eventually(is_let_in)) << "there should be room again";
}

void expect_refusal(std::uint16_t port, int status) {
  Client client(port);
  client.get("/poll?cname=a");
  const Response response = client.read_response();
  expect_error(response, status, "a poll");
  EXPECT_EQ(response.header("connection"), "close");
  EXPECT_NE(response.header("retry-after"), "");
  EXPECT_NE(response.header("access-control-allow-origin"), "") << "a page must see why";
  client.expect_end();
}

class EntryTest : public ServerTest {};
RUN_WITH_1_2_AND_4_REACTORS(EntryTest);

TEST_P(EntryTest, AsManyConnectionsAsAllowedAndNotOneMore) {
  comet::Config small = config();
  small.front.max_connections = 5;
  const RunningServer own(small);
  std::vector<Client> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(connected(own.front_port()));
  for (int i = 0; i < 20; ++i) expect_refusal(own.front_port(), 503);
  EXPECT_EQ(own.admin_get("/check?cname=a").status, 200);
  EXPECT_EQ(own.admin_get("/health/ready").body, "the front port has 5 of 5 connections\n");
  // Those that are in go on.
  for (Client& client : clients) {
    client.get("/ping");
    EXPECT_EQ(client.read_response().status, 200);
  }
  clients.pop_back();
  await_room(own.front_port());
}

TEST_P(EntryTest, AFloodIsToldAtOnceAndNothingIsKeptOfIt) {
  comet::Config small = config();
  small.front.max_connections = 1;
  const RunningServer own(small);
  const Client only = connected(own.front_port());
  const std::size_t kept = 16 * GetParam();
  constexpr std::size_t kFlood = 200;
  std::vector<Client> flood;
  for (std::size_t i = 0; i < kFlood; ++i) flood.push_back(own.front());
  // They say nothing; all but a few are answered and closed all the same.
  std::vector<bool> answered(kFlood, false);
  std::size_t count = 0;
  const auto are_answered = [&] {
    for (std::size_t i = 0; i < kFlood; ++i) {
      if (answered[i] || !flood[i].wait_readable(std::chrono::milliseconds(0))) continue;
      EXPECT_EQ(flood[i].read_response().status, 503);
      flood[i].expect_end();
      answered[i] = true;
      ++count;
    }
    return count >= kFlood - kept;
  };
  ASSERT_TRUE(eventually(are_answered)) << count;
  EXPECT_EQ(own.admin_get("/check?cname=a").status, 200);
}

TEST_P(EntryTest, AsManyConnectionsOfAnAddressAsAllowedAndNotOneMore) {
  comet::Config small = config();
  small.front.max_connections_per_address = 3;
  const RunningServer own(small);
  std::vector<Client> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(connected(own.front_port()));
  for (int i = 0; i < 20; ++i) expect_refusal(own.front_port(), 429);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(own.admin_get("/check?cname=a").status, 200);
  clients.clear();
  await_room(own.front_port());
}

TEST_P(EntryTest, AClientThatAProxyNamesIsCountedByItsOwnAddress) {
  comet::Config small = config();
  small.front.listen = {"127.0.0.1:0 proxy"};
  small.front.max_connections_per_address = 2;
  const RunningServer own(small);
  const auto from = [&own](std::string_view address) {
    Client client = own.front();
    client.send("PROXY TCP4 " + std::string(address) + " 127.0.0.1 1000 80\r\n");
    client.get("/ping");
    return client;
  };
  std::vector<Client> clients;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(from("10.0.0.1"));
    EXPECT_EQ(clients.back().read_response().status, 200);
  }
  Client third = from("10.0.0.1");
  const Response response = third.read_response();
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.header("connection"), "close");
  third.expect_end();
  Client other = from("10.0.0.2");
  EXPECT_EQ(other.read_response().status, 200);
}

TEST_P(EntryTest, WhoLeavesWithTheHandshakeBehindAProxysHeaderIsGone) {
  comet::Config proxied = config();
  proxied.front.listen = {"127.0.0.1:0 proxy"};
  const RunningServer own(proxied);
  Client client = own.front();
  client.send("PROXY TCP4 10.0.0.1 127.0.0.1 1000 80\r\nGET /ws?cname=a HTTP/1.1\r\nHost: x\r\n" +
              std::string(kWebsocketHeaders) + "\r\n");
  client.shutdown_write();
  client.read_rest();
  own.await_answer("/info", "\"client_left\": 1");
}

TEST_P(EntryTest, ManyWhoComeAtOnceAreTakenAtThePaceAndNobodyIsLost) {
  comet::Config slow = config();
  slow.front.accepts_per_second = 20;
  const RunningServer own(slow);
  constexpr int kClients = 10;
  const auto start = Clock::now();
  std::vector<Client> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(own.front());
    clients.back().get("/ping");
  }
  for (int i = 0; i < 50; ++i) EXPECT_EQ(own.admin_get("/check?cname=a").status, 200);
  for (Client& client : clients) EXPECT_EQ(client.read_response().status, 200);
  // Two at once and one more for each core, then one each 50 ms.
  const auto paced = kClients - 3 - static_cast<int>(GetParam());
  EXPECT_GE(Clock::now() - start, std::chrono::milliseconds(50 * paced));
}

TEST_P(EntryTest, SubscribersMayBeKeptFromCreatingChannels) {
  comet::Config closed = config();
  closed.front.create_channels = false;
  const RunningServer own(closed);
  const std::string refused = message("401", "a", 0, "Token error");
  EXPECT_EQ(own.front_get("/poll?cname=a&seq=1").body, "icomet_cb(" + refused + ");\n");
  for (const Endless& transport : endless_transports()) {
    Subscription subscription(own, transport, "cname=a&seq=1");
    EXPECT_EQ(subscription.next(), refused);
    subscription.expect_last_chunk();
  }
  EXPECT_EQ(own.admin_get("/check?cname=a").body, "{}\n");
  own.push("a", "x");
  EXPECT_EQ(own.front_get("/sub?cname=a&seq=1").body, "[" + data("a", 1, "x") + "]\n");
}

// --- The program, with few descriptors ----------------------------------------------------------

TEST(Descriptors, TheAdminPortAnswersWhenTheFrontPortHasAllOfItsOwn) {
  constexpr std::size_t kDescriptors = 160;
  ServerProcess server({"reactors=2", "admin.reserved_descriptors=32"}, {}, kDescriptors);
  // 5 + 2 x (3 + 2) are its own, 2 x 16 are for refusals.
  constexpr std::size_t kRoom = kDescriptors - 15 - 32 - 32;
  std::vector<Client> clients;
  for (std::size_t i = 0; i < kRoom; ++i) clients.push_back(connected(server.front_port()));
  for (int i = 0; i < 100; ++i) expect_refusal(server.front_port(), 503);
  // Silent ones take what is for refusals, and no more.
  std::vector<Client> silent;
  for (int i = 0; i < 100; ++i) silent.emplace_back(server.front_port());
  std::vector<Client> admins;
  for (int i = 0; i < 32; ++i) {
    admins.emplace_back(server.admin_port());
    admins.back().get("/push?cname=a&content=x");
    EXPECT_EQ(admins.back().read_response().status, 200);
  }
  clients.clear();
  silent.clear();
  await_room(server.front_port());
  for (std::size_t i = 0; i < kRoom / 2; ++i) clients.push_back(connected(server.front_port()));
  server.signal(SIGTERM);
  EXPECT_TRUE(WIFEXITED(server.wait()));
}

TEST(Descriptors, WhenThereAreNoneAtAllNobodyIsLostAndOneAdministratorIsServed) {
  ServerProcess server({"reactors=1"}, {}, 200);
  std::vector<Client> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(connected(server.front_port()));
  // The limit falls below what is in use, as when others take all descriptors of the machine.
  rlimit lower{10, 200};
  ASSERT_EQ(::prlimit(server.pid(), RLIMIT_NOFILE, &lower, nullptr), 0);
  Client refused(server.front_port());
  EXPECT_EQ(refused.read_response().status, 503) << "at once";
  refused.expect_end();
  Client admin(server.admin_port());
  admin.get("/push?cname=a&content=x");
  EXPECT_EQ(admin.read_response().status, 200);
  // Nothing is left now, not even the one for refusals: who comes waits, and the server sleeps.
  Client waits(server.front_port());
  waits.get("/ping");
  for (Client& client : clients) {
    client.get("/ping");
    EXPECT_EQ(client.read_response().status, 200);
  }
  rlimit back{200, 200};
  ASSERT_EQ(::prlimit(server.pid(), RLIMIT_NOFILE, &back, nullptr), 0);
  EXPECT_EQ(waits.read_response().status, 200);
  Client later = connected(server.front_port());
}

TEST(Descriptors, TooFewAreAnErrorAtTheStart) {
  try {
    ServerProcess server({"reactors=1"}, {}, 64);
    ADD_FAILURE() << "it started";
  } catch (const ClientError& error) {
    EXPECT_NE(std::string(error.what()).find("the descriptor limit is 64"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace support

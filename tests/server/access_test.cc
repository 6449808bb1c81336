// Who is let in: keys, trusted proxies, the PROXY protocol.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/server_test.h"
#include "tests/support/temp_folder.h"

namespace support {
namespace {

using namespace std::literals;

class AccessTest : public ServerTest {
 protected:
  // As loopback_config(), but that the ports named speak the PROXY protocol.
  [[nodiscard]] comet::Config proxied_config() const {
    comet::Config proxied = config();
    proxied.front.listen = {"127.0.0.1:0 proxy"};
    proxied.admin.listen = {"127.0.0.1:0 proxy"};
    return proxied;
  }

  static Response ask(Client client, std::string_view preamble, std::string_view target,
                      std::string_view headers = "") {
    client.send(preamble);
    client.get(target, std::string(headers) + "Connection: close\r\n");
    return client.read_response();
  }
};
RUN_WITH_1_2_AND_4_REACTORS(AccessTest);

constexpr std::string_view kLocal{"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16};
constexpr std::string_view kFrom4{
    "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x11\xc0\0\x02\x07\x7f\0\0\x01\x9c\x40\x1f\xa4\x04\0\x02hi", 33};
constexpr std::string_view kFromLoopback = "PROXY TCP4 127.0.0.1 127.0.0.1 40000 8000\r\n";
constexpr std::string_view kFromFarAway = "PROXY TCP4 203.0.113.9 127.0.0.1 40000 8000\r\n";

TEST_P(AccessTest, WithoutTheKeyNothingIsToldOnTheAdminPort) {
  comet::Config keyed = config();
  keyed.admin.key = {"the-former-key-of-all", "the-present-key-of-all"};
  const RunningServer own(keyed);
  for (const char* target : {"/push?cname=a&content=x", "/info", "/psub", "/nothing", "/"}) {
    for (const std::string headers : {"", "Authorization: Bearer the-key\r\n"}) {
      const Response response = ask(own.admin(), "", target, headers);
      EXPECT_EQ(response.status, 401) << target;
      EXPECT_EQ(response.header("www-authenticate"), "Bearer");
      EXPECT_EQ(response.body, "this needs a key: Authorization: Bearer KEY\n");
    }
  }
  EXPECT_EQ(own.admin_get("/console").status, 200);
  EXPECT_EQ(own.front_get("/sub?cname=a").body, next_seq("a", 1) + "\n");
  for (const std::string key : {"the-former-key-of-all", "the-present-key-of-all"}) {
    EXPECT_EQ(ask(own.admin(), "", "/info", "Authorization: Bearer " + key + "\r\n").status, 200);
  }
}

TEST_P(AccessTest, AConnectionMayTryAgainWithTheKey) {
  comet::Config keyed = config();
  keyed.admin.key = {"the-present-key-of-all"};
  const RunningServer own(keyed);
  Client client = own.admin();
  client.post("/push?cname=a", "text/plain", "x");
  EXPECT_EQ(client.read_response().status, 401);
  client.get("/push?cname=a&content=x", "Authorization: Bearer the-present-key-of-all\r\n");
  EXPECT_EQ(client.read_response().body, "{\"type\":\"ok\"}\n");
}

TEST_P(AccessTest, TheListIsAskedAboutEachRequestOfATrustedProxy) {
  comet::Config trusting = config();
  trusting.trusted_proxies = {"127.0.0.1"};
  const RunningServer own(trusting);
  Client proxy = own.admin();
  proxy.get("/info", "X-Forwarded-For: 127.0.0.5\r\n");
  EXPECT_EQ(proxy.read_response().status, 200);
  proxy.get("/info");
  EXPECT_EQ(proxy.read_response().status, 200);
  proxy.get("/info", "X-Forwarded-For: 127.0.0.5, 203.0.113.9\r\n");
  EXPECT_EQ(proxy.read_response().status, 403);
  proxy.expect_end();
  EXPECT_EQ(ask(own.admin(), "", "/info", "X-Forwarded-For: [2001:db8::1]:443\r\n").status, 403);
  EXPECT_EQ(ask(own.admin(), "", "/info", "X-Forwarded-For: unknown\r\n").status, 403);
  // Who is not trusted speaks for himself.
  EXPECT_EQ(
      ask(Client(own.admin_port(), "127.0.0.2"), "", "/info", "X-Forwarded-For: 203.0.113.9\r\n")
          .status,
      200);
}

TEST_P(AccessTest, ThePeerOfAProxiedConnectionIsWhomTheHeaderNames) {
  const RunningServer own(proxied_config());
  EXPECT_EQ(ask(own.admin(), kFromLoopback, "/info").status, 200);
  EXPECT_EQ(ask(own.admin(), kFromFarAway, "/info").status, 403);
  EXPECT_EQ(ask(own.admin(), kFrom4, "/info").status, 403);
  EXPECT_EQ(ask(own.admin(), kLocal, "/info").status, 200);
  EXPECT_EQ(ask(own.admin(), "PROXY UNKNOWN\r\n", "/info").status, 200);
}

TEST_P(AccessTest, EveryTransportWorksBehindAProxy) {
  const RunningServer own(proxied_config());
  const auto push = [&](const std::string& content) {
    EXPECT_EQ(ask(own.admin(), kFromLoopback, "/push?cname=a&content=" + content).status, 200);
  };
  push("one");
  std::vector<Client> subscribers;
  for (const Endless& transport : endless_transports()) {
    Client client = own.front();
    client.send(kFrom4);
    client.get(std::string(transport.path) + "?cname=a&seq=2");
    EXPECT_EQ(client.read_head().status, 200);
    subscribers.push_back(std::move(client));
  }
  Client poll = own.front();
  poll.send(kFromFarAway);
  poll.get("/poll?cname=a&seq=1");
  EXPECT_EQ(poll.read_response().body, "icomet_cb([" + data("a", 1, "one") + "]);\n");
  poll.get("/poll?cname=a&seq=2");  // without another header
  push("two");
  EXPECT_NE(poll.read_response().body.find(data("a", 2, "two")), std::string::npos);
  for (Client& subscriber : subscribers) {
    std::string chunk;
    while (chunk.find(data("a", 2, "two")) == std::string::npos) {
      chunk = subscriber.next_chunk().value();
    }
  }
}

TEST_P(AccessTest, AHeaderMayComeInPieces) {
  const RunningServer own(proxied_config());
  for (const std::string_view header : {kFromLoopback, kLocal, kFrom4}) {
    const int wanted = header == kFrom4 ? 403 : 200;
    for (std::size_t cut = 1; cut <= header.size(); cut += 5) {
      Client client = own.admin();
      client.send(header.substr(0, cut));
      // Another connection is answered meanwhile: so the piece was read, or will be, by itself.
      EXPECT_EQ(ask(own.admin(), kLocal, "/info").status, 200);
      client.send(header.substr(cut));
      client.get("/info");
      EXPECT_EQ(client.read_response().status, wanted) << cut;
    }
  }
}

TEST_P(AccessTest, WithoutAHeaderTheConnectionEndsUnanswered) {
  const RunningServer own(proxied_config());
  for (const std::string_view beginning :
       {"GET /info HTTP/1.1\r\nHost: a\r\n\r\n"sv, "PROXY TCP4 1.2.3.4\r\n"sv, "PROXY \n"sv,
        "\r\n\r\n\0\r\nQUIT\n\x31\x11\0\x0c"sv, "\x16\x03\x01"sv}) {
    for (const std::uint16_t port : {own.admin_port(), own.front_port()}) {
      Client client(port);
      client.send(beginning);
      EXPECT_EQ(client.read_rest(), "");
    }
  }
}

TEST_P(AccessTest, AHeaderThatDoesNotComeInTimeEndsTheConnection) {
  comet::Config hasty = proxied_config();
  hasty.limits.header_timeout_s = 1;
  const RunningServer own(hasty);
  Client silent = own.front();
  Client slow = own.front();
  slow.send("PROXY TCP4 1.2.3.4 ");
  Client half = own.front();
  half.send(kLocal);
  half.send("GET /ping HT");
  EXPECT_EQ(silent.read_rest(), "");
  EXPECT_EQ(slow.read_rest(), "");
  EXPECT_EQ(half.read_response().status, 408);
}

TEST_P(AccessTest, WithTrustedProxiesOnlyTheyMayConnect) {
  comet::Config trusting = proxied_config();
  trusting.trusted_proxies = {"127.0.0.2"};
  const RunningServer own(trusting);
  EXPECT_EQ(ask(Client(own.admin_port(), "127.0.0.2"), kFromLoopback, "/info").status, 200);
  Client stranger = own.admin();
  EXPECT_EQ(stranger.read_rest(), "");
}

TEST_P(AccessTest, BehindAProxyOfConnectionsMayBeOneOfRequests) {
  comet::Config trusting = proxied_config();
  trusting.trusted_proxies = {"127.0.0.1", "192.0.2.7"};
  const RunningServer own(trusting);
  EXPECT_EQ(ask(own.admin(), kFrom4, "/info", "X-Forwarded-For: 127.0.0.9\r\n").status, 200);
  EXPECT_EQ(ask(own.admin(), kFromFarAway, "/info", "X-Forwarded-For: 127.0.0.9\r\n").status, 403);
}

TEST_P(AccessTest, AUnixSocketMaySpeakItToo) {
  const TempFolder folder;
  comet::Config mixed = config();
  mixed.admin.listen.push_back("unix:" + folder.file("admin.sock") + " proxy");
  mixed.trusted_proxies = {"10.0.0.0/8"};
  const RunningServer own(mixed);
  const auto connect = [&] { return Client::on_unix_socket(folder.file("admin.sock")); };
  EXPECT_EQ(ask(connect(), kFromLoopback, "/info").status, 200);
  EXPECT_EQ(ask(connect(), kFromFarAway, "/info").status, 403);
  EXPECT_EQ(ask(connect(), kLocal, "/info").status, 200);
  EXPECT_EQ(own.admin_get("/info").status, 200);  // without the header, where none is wanted
}

TEST_P(AccessTest, PipelinedRequestsBehindAHeaderAreAnsweredInOrder) {
  const RunningServer own(proxied_config());
  Client client = own.front();
  client.send(
      std::string(kFrom4) +
      "GET /ping?cb=a HTTP/1.1\r\nHost: a\r\n\r\nGET /ping?cb=b HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(client.read_response().body.starts_with("a("));
  EXPECT_TRUE(client.read_response().body.starts_with("b("));
}

}  // namespace
}  // namespace support

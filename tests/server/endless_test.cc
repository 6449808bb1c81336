// The endless responses: /stream, /iframe and /sse (API.md section 4).
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/support/server_test.h"

namespace support {
namespace {

class EndlessTest : public ServerTest {};
RUN_WITH_1_2_AND_4_REACTORS(EndlessTest);

TEST_P(EndlessTest, WithoutASeqItStartsWithNextSeqAndGoesOnLive) {
  for (const Endless& transport : endless_transports()) {
    SCOPED_TRACE(transport.path);
    for (const char* more : {"", "&seq=0", "&seq=5", "&seq=99999999999999999999"}) {
      const std::string a = unique_name();
      server().push(a, "past");
      server().push(a, "past");
      Subscription subscription(server(), transport, "cname=" + a + more);
      EXPECT_EQ(subscription.next(), next_seq(a, 3)) << more;
      server().push(a, "live");
      EXPECT_EQ(subscription.next(), data(a, 3, "live")) << more;
    }
  }
}

TEST_P(EndlessTest, HistoryComesFirstThenWhatIsLive) {
  for (const Endless& transport : endless_transports()) {
    SCOPED_TRACE(transport.path);
    const std::string a = unique_name();
    for (const char* content : {"one", "two", "three"}) server().push(a, content);
    Subscription from_start(server(), transport, "seq=1&cname=" + a);
    Subscription from_middle(server(), transport, "seq=2&cname=" + a);
    Subscription from_last(server(), transport, "seq=3&cname=" + a);
    Subscription from_next(server(), transport, "seq=4&cname=" + a);
    server().push(a, "four");
    EXPECT_EQ(from_start.next(), data(a, 1, "one"));
    EXPECT_EQ(from_start.next(), data(a, 2, "two"));
    EXPECT_EQ(from_start.next(), data(a, 3, "three"));
    EXPECT_EQ(from_start.next(), data(a, 4, "four"));
    EXPECT_EQ(from_middle.next(), data(a, 2, "two"));
    EXPECT_EQ(from_middle.next(), data(a, 3, "three"));
    EXPECT_EQ(from_middle.next(), data(a, 4, "four"));
    EXPECT_EQ(from_last.next(), data(a, 3, "three"));
    EXPECT_EQ(from_last.next(), data(a, 4, "four"));
    EXPECT_EQ(from_next.next(), data(a, 4, "four"));
  }
}

TEST_P(EndlessTest, SubscribingCreatesTheChannel) {
  const std::string a = unique_name();
  Subscription subscription(server(), "seq=1&cname=" + a);
  server().await_subscribers(a, 1);
  EXPECT_EQ(server().admin_get("/check?cname=" + a).body, "{\"" + a + "\": 1}\n");
  server().push(a, "one");
  EXPECT_EQ(subscription.next(), data(a, 1, "one"));
}

TEST_P(EndlessTest, ASeqOlderThanTheBufferStartsAtTheOldest) {
  comet::Config small = config();
  small.front.channel_buffer_size = 2;
  const RunningServer own(small);
  for (const char* content : {"1", "2", "3", "4"}) own.push("a", content);
  Subscription subscription(own, "cname=a&seq=1");
  EXPECT_EQ(subscription.next(), data("a", 3, "3"));
  EXPECT_EQ(subscription.next(), data("a", 4, "4"));
  own.push("a", "5");
  EXPECT_EQ(subscription.next(), data("a", 5, "5"));
}

TEST_P(EndlessTest, EveryMessageOfAFullBufferIsAChunkOfItsOwn) {
  for (const Endless& transport : endless_transports()) {
    SCOPED_TRACE(transport.path);
    const std::string a = unique_name();
    Client publisher = server().admin();
    std::string requests;
    for (int i = 1; i <= 130; ++i) {
      requests += "GET /push?cname=" + a + "&content=m" + std::to_string(i) + " HTTP/1.1\r\n\r\n";
    }
    publisher.send(requests);
    for (int i = 1; i <= 130; ++i) EXPECT_EQ(publisher.read_response().status, 200);
    // The default buffer holds 100.
    Subscription subscription(server(), transport, "seq=1&cname=" + a);
    for (std::uint64_t seq = 31; seq <= 130; ++seq) {
      ASSERT_EQ(subscription.next(), data(a, seq, "m" + std::to_string(seq)));
    }
  }
}

TEST_P(EndlessTest, ABroadcastIsFollowedByANextSeqChunk) {
  const RunningServer own(config());
  for (const Endless& transport : endless_transports()) {
    SCOPED_TRACE(transport.path);
    const std::string a = unique_name();
    Subscription live(own, transport, "seq=1&cname=" + a);
    own.push(a, "one");
    own.broadcast("all");
    own.push(a, "three");
    Subscription from_buffer(own, transport, "seq=1&cname=" + a);
    for (Subscription* subscription : {&live, &from_buffer}) {
      EXPECT_EQ(subscription->next(), data(a, 1, "one"));
      EXPECT_EQ(subscription->next(), message("broadcast", a, 2, "all"));
      EXPECT_EQ(subscription->next(), next_seq(a, 3));
      EXPECT_EQ(subscription->next(), data(a, 3, "three"));
    }
  }
}

TEST_P(EndlessTest, ClosingTheChannelSendsCloseAndEndsTheResponse) {
  for (const Endless& transport : endless_transports()) {
    SCOPED_TRACE(transport.path);
    const std::string a = unique_name();
    Subscription subscription(server(), transport, "seq=1&cname=" + a);
    server().push(a, "one");
    EXPECT_EQ(server().admin_get("/close?cname=" + a).body, "ok 2\n");
    EXPECT_EQ(subscription.next(), data(a, 1, "one"));
    EXPECT_EQ(subscription.next(), message("close", a, 2, ""));
    subscription.expect_last_chunk();
  }
}

TEST_P(EndlessTest, AnswersHaveTheHeadersThatClientsDependOn) {
  for (const Endless& transport : endless_transports()) {
    SCOPED_TRACE(transport.path);
    Subscription subscription(server(), transport, "cname=" + unique_name());
    const Response& head = subscription.head();
    EXPECT_EQ(head.header("content-type"), transport.content_type);
    EXPECT_EQ(head.header("cache-control"), "no-cache");
    EXPECT_EQ(head.header("expires"), "0");
    EXPECT_EQ(head.header("access-control-allow-origin"), "*");
    EXPECT_EQ(head.header("x-accel-buffering"), "no");
    EXPECT_FALSE(head.has_header("content-length"));
  }
}

TEST_P(EndlessTest, OnlyPagesOfAllowedOriginsGetAStream) {
  comet::Config other = config();
  other.front.allow_origins = {"https://example.com", "*.example.org"};
  const RunningServer own(other);
  own.push("a", "one");
  const auto ask = [&own](std::string_view target, std::string_view origin) {
    Client client = own.front();
    client.send("GET " + std::string(target) + "?cname=a&seq=1 HTTP/1.1\r\nHost: x\r\nOrigin: " +
                std::string(origin) + "\r\n\r\n");
    return client.read_head();
  };
  for (const char* const target : {"/stream", "/sse", "/iframe", "/poll", "/sub", "/ping"}) {
    SCOPED_TRACE(target);
    const Response exact = ask(target, "https://example.com");
    EXPECT_EQ(exact.status, 200);
    EXPECT_EQ(exact.header("access-control-allow-origin"), "https://example.com");
    EXPECT_EQ(exact.header("access-control-allow-credentials"), "true");
    EXPECT_EQ(exact.header("vary"), "Origin");
    const Response below = ask(target, "https://www.example.org");
    EXPECT_EQ(below.header("access-control-allow-origin"), "https://www.example.org");
    EXPECT_FALSE(below.has_header("access-control-allow-credentials"));
    const Response refused = ask(target, "https://evil.example");
    EXPECT_EQ(refused.status, 403);
    EXPECT_FALSE(refused.has_header("access-control-allow-origin"));
  }
  const std::string info = own.admin_get("/info").body;
  EXPECT_NE(info.find("\"origin_refused\": 6"), std::string::npos) << info;
}

// What a browser does by itself when the connection breaks.
TEST_P(EndlessTest, AnEventSourceThatComesBackLosesNothingAndGetsNothingTwice) {
  const std::string a = unique_name();
  const Endless& sse = endless_transports()[2];
  ASSERT_EQ(sse.path, "/sse");
  std::string id;
  std::vector<std::string> got;
  const auto come_back = [&] {
    Client client = server().front();
    client.send("GET /sse?cname=" + a + " HTTP/1.1\r\nHost: x\r\n" +
                (id.empty() ? "" : "Last-Event-ID: " + id + "\r\n") + "\r\n");
    EXPECT_EQ(client.read_head().status, 200);
    EXPECT_EQ(client.next_chunk(), "retry: 2000\n\n");
    return client;
  };
  const auto read_one = [&](Client& client) {
    const std::string event = client.next_chunk().value_or("");
    ASSERT_TRUE(event.starts_with("id: ")) << event;
    id = event.substr(4, event.find('\n') - 4);
    got.push_back(event.substr(event.find('\n') + 1));
  };
  {
    Client client = come_back();
    read_one(client);
  }
  EXPECT_EQ(id, "0");
  server().push(a, "one");
  server().push(a, "two");
  {
    Client client = come_back();
    read_one(client);
  }
  EXPECT_EQ(id, "1");
  server().push(a, "three");
  Client client = come_back();
  read_one(client);
  read_one(client);
  EXPECT_EQ(id, "3");
  EXPECT_EQ(got,
            (std::vector<std::string>{sse.wrap(next_seq(a, 1)), sse.wrap(data(a, 1, "one")),
                                      sse.wrap(data(a, 2, "two")), sse.wrap(data(a, 3, "three"))}));
}

TEST_P(EndlessTest, Http10GetsTheSameBytesWithoutChunks) {
  for (const Endless& transport : endless_transports()) {
    SCOPED_TRACE(transport.path);
    const std::string a = unique_name();
    server().push(a, "one");
    Client client = server().front();
    client.send("GET " + std::string(transport.path) + "?seq=1&cname=" + a + " HTTP/1.0\r\n\r\n");
    const Response head = client.read_head();
    EXPECT_EQ(head.status, 200);
    EXPECT_FALSE(head.has_header("transfer-encoding"));
    EXPECT_FALSE(head.has_header("content-length"));
    EXPECT_EQ(head.header("content-type"), transport.content_type);
    const std::string end = "\"}" + std::string(transport.suffix);
    EXPECT_EQ(client.read_until(end),
              std::string(transport.opening()) + transport.wrap(data(a, 1, "one"), 1));
    server().push(a, "two");
    EXPECT_EQ(client.read_until(end), transport.wrap(data(a, 2, "two"), 2));
    EXPECT_EQ(server().admin_get("/close?cname=" + a).status, 200);
    EXPECT_EQ(client.read_rest(), transport.wrap(message("close", a, 3, ""), 2));
  }
}

TEST_P(EndlessTest, ContentCanNotEndTheScriptElementOfAnIframe) {
  const std::string a = unique_name();
  Subscription iframe(server(), endless_transports()[1], "seq=1&cname=" + a);
  Subscription stream(server(), "seq=1&cname=" + a);
  server().push(a, "</script><script>alert(1)</script>");
  server().push(a, "a/b < / <<//");
  EXPECT_EQ(server().admin_get("/pub?cname=" + a + "&content=" + url_encode("</x><\\/y>")).status,
            200);
  EXPECT_EQ(iframe.next(), data(a, 1, "<\\/script><script>alert(1)<\\/script>"));
  EXPECT_EQ(iframe.next(), data(a, 2, "a/b < / <<\\//"));
  EXPECT_EQ(iframe.next(), data(a, 3, "<\\/x><\\/y>"));
  EXPECT_EQ(stream.next(), data(a, 1, "</script><script>alert(1)</script>"));
  EXPECT_EQ(stream.next(), data(a, 2, "a/b < / <<//"));
  EXPECT_EQ(stream.next(), data(a, 3, "</x><\\/y>"));
}

TEST_P(EndlessTest, ChannelNamesAreEscapedInMessages) {
  const std::string name = "a\"\\</script>" + unique_name();
  const std::string rest = name.substr(12);
  Subscription stream(server(), "cname=" + url_encode(name));
  EXPECT_EQ(stream.next(), next_seq("a\\\"\\\\</script>" + rest, 1));
  Subscription iframe(server(), endless_transports()[1], "cname=" + url_encode(name));
  EXPECT_EQ(iframe.next(), next_seq("a\\\"\\\\<\\/script>" + rest, 1));
  server().push(name, "x");
  EXPECT_EQ(stream.next(), data("a\\\"\\\\</script>" + rest, 1, "x"));
  EXPECT_EQ(iframe.next(), data("a\\\"\\\\<\\/script>" + rest, 1, "x"));
}

TEST_P(EndlessTest, ALargeMessageIsOneChunk) {
  const std::string a = unique_name();
  Subscription live(server(), "seq=1&cname=" + a);
  std::string content;
  while (content.size() < 1'000'000) content += std::to_string(content.size()) + ",";
  content.resize(1'000'000);
  const Response answer = server().admin_post("/push?cname=" + a, "text/plain", content);
  ASSERT_EQ(answer.status, 200) << answer.body;
  Subscription from_buffer(server(), "seq=1&cname=" + a);
  EXPECT_TRUE(live.next() == data(a, 1, content));
  EXPECT_TRUE(from_buffer.next() == data(a, 1, content));
}

// A subscriber that does not read may be cut off, but what it gets has no gap, and it holds up
// nobody.
TEST_P(EndlessTest, ASubscriberThatDoesNotReadHoldsUpNobody) {
  comet::Config deep = config();
  deep.front.channel_buffer_size = 10;
  const RunningServer own(deep);
  Subscription slow(own, "cname=a&seq=1");
  Subscription quick(own, "cname=a&seq=1");
  own.await_subscribers("a", 2);
  constexpr std::uint64_t kMessages = 1500;
  const std::string content(8000, 'x');
  std::thread publisher([&own, &content] {
    Client client = own.admin();
    for (std::uint64_t i = 0; i < kMessages; ++i) {
      client.post("/push?cname=a", "text/plain", content);
      if (client.read_response().status != 200) return;
    }
  });
  std::uint64_t seen = 0;
  try {
    while (seen < kMessages) {
      const std::string json = quick.next();
      ++seen;
      if (json != data("a", seen, content)) break;
    }
  } catch (const ClientError& error) {
    ADD_FAILURE() << error.what();
  }
  publisher.join();
  EXPECT_EQ(seen, kMessages);
  std::uint64_t slow_seen = 0;
  while (slow_seen < kMessages) {
    std::optional<std::string> chunk;
    try {
      chunk = slow.client().next_chunk();
    } catch (const ClientError&) {
      break;  // cut off within a chunk: the client knows that it has not got it
    }
    if (!chunk) break;
    ASSERT_EQ(*chunk, data("a", ++slow_seen, content) + "\n");
  }
  EXPECT_GT(slow_seen, 0U);
}

}  // namespace
}  // namespace support

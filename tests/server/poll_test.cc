// Long-polling: /poll and /sub (API.md section 4).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/server_test.h"

namespace support {
namespace {

class PollTest : public ServerTest {};
RUN_WITH_1_2_AND_4_REACTORS(PollTest);

std::string jsonp(std::string_view json) { return "icomet_cb(" + std::string(json) + ");\n"; }

// Sends the request, and returns once the server counts it as the channel's only subscriber.
Client waiting_poll(const RunningServer& server, std::string_view path, const std::string& cname,
                    std::string_view more, std::string_view headers = "") {
  Client client = server.front();
  std::string target(path);
  target.append("?cname=").append(url_encode(cname)).append(more);
  client.get(target, headers);
  server.await_subscribers(cname, 1);
  return client;
}

TEST_P(PollTest, ALiveMessageIsTheBareObject) {
  const std::string a = unique_name();
  Client client = waiting_poll(server(), "/poll", a, "&seq=1");
  server().push(a, "hello");
  EXPECT_EQ(client.read_response().body, jsonp(data(a, 1, "hello")));
}

TEST_P(PollTest, WaitingMessagesComeAsAnArray) {
  const std::string a = unique_name();
  server().push(a, "one");
  server().push(a, "two");
  EXPECT_EQ(server().front_get("/poll?seq=1&cname=" + a).body,
            jsonp("[" + data(a, 1, "one") + "," + data(a, 2, "two") + "]"));
}

TEST_P(PollTest, EvenASingleWaitingMessageIsAnArray) {
  const std::string a = unique_name();
  server().push(a, "one");
  EXPECT_EQ(server().front_get("/poll?seq=1&cname=" + a).body,
            jsonp("[" + data(a, 1, "one") + "]"));
}

TEST_P(PollTest, HistoryStartsAtTheAskedSeq) {
  const std::string a = unique_name();
  for (const char* content : {"one", "two", "three"}) server().push(a, content);
  EXPECT_EQ(server().front_get("/poll?seq=2&cname=" + a).body,
            jsonp("[" + data(a, 2, "two") + "," + data(a, 3, "three") + "]"));
  EXPECT_EQ(server().front_get("/poll?seq=3&cname=" + a).body,
            jsonp("[" + data(a, 3, "three") + "]"));
}

TEST_P(PollTest, WithoutASeqTheAnswerIsNextSeqAtOnce) {
  const std::string a = unique_name();
  EXPECT_EQ(server().front_get("/poll?cname=" + a).body, jsonp(next_seq(a, 1)));
  server().push(a, "one");
  server().push(a, "two");
  EXPECT_EQ(server().front_get("/poll?cname=" + a).body, jsonp(next_seq(a, 3)));
  EXPECT_EQ(server().front_get("/poll?seq=0&cname=" + a).body, jsonp(next_seq(a, 3)));
}

TEST_P(PollTest, ASeqBeyondTheNextIsCorrected) {
  const std::string a = unique_name();
  EXPECT_EQ(server().front_get("/poll?seq=2&cname=" + a).body, jsonp(next_seq(a, 1)));
  server().push(a, "one");
  for (const char* seq : {"3", "4", "2147483648", "4294967298", "9223372036854775807",
                          "18446744073709551615", "99999999999999999999999999"}) {
    EXPECT_EQ(server().front_get("/poll?cname=" + a + "&seq=" + seq).body, jsonp(next_seq(a, 2)))
        << seq;
  }
}

TEST_P(PollTest, TheNextSeqWaitsForTheNextMessage) {
  const std::string a = unique_name();
  server().push(a, "one");
  Client client = waiting_poll(server(), "/poll", a, "&seq=2");
  server().push(a, "two");
  // Bare: it was not waiting when the request came.
  EXPECT_EQ(client.read_response().body, jsonp(data(a, 2, "two")));
}

TEST_P(PollTest, ASeqOlderThanTheBufferStartsAtTheOldest) {
  comet::Config small = config();
  small.front.channel_buffer_size = 3;
  const RunningServer own(small);
  for (const char* content : {"1", "2", "3", "4", "5"}) own.push("a", content);
  const std::string oldest =
      jsonp("[" + data("a", 3, "3") + "," + data("a", 4, "4") + "," + data("a", 5, "5") + "]");
  EXPECT_EQ(own.front_get("/poll?cname=a&seq=1").body, oldest);
  EXPECT_EQ(own.front_get("/poll?cname=a&seq=2").body, oldest);
  EXPECT_EQ(own.front_get("/poll?cname=a&seq=3").body, oldest);
  EXPECT_EQ(own.front_get("/poll?cname=a&seq=4").body,
            jsonp("[" + data("a", 4, "4") + "," + data("a", 5, "5") + "]"));
}

TEST_P(PollTest, WithoutABufferOnlyLiveMessagesCome) {
  comet::Config none = config();
  none.front.channel_buffer_size = 0;
  const RunningServer own(none);
  own.push("a", "lost");
  Client client = waiting_poll(own, "/poll", "a", "&seq=1");
  own.push("a", "live");
  EXPECT_EQ(client.read_response().body, jsonp(data("a", 2, "live")));
}

TEST_P(PollTest, SubIsBareJson) {
  const std::string a = unique_name();
  Client client = waiting_poll(server(), "/sub", a, "&seq=1");
  server().push(a, "one");
  const Response live = client.read_response();
  EXPECT_EQ(live.body, data(a, 1, "one") + "\n");
  EXPECT_EQ(live.header("content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(server().front_get("/sub?seq=1&cname=" + a).body, "[" + data(a, 1, "one") + "]\n");
  EXPECT_EQ(server().front_get("/sub?cname=" + a).body, next_seq(a, 2) + "\n");
}

TEST_P(PollTest, BothTakeACallback) {
  const std::string a = unique_name();
  for (const char* path : {"/poll", "/sub"}) {
    const Response response =
        server().front_get(std::string(path) + "?cb=a.b%5B0%5D.$_Z9&cname=" + a);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "a.b[0].$_Z9(" + next_seq(a, 1) + ");\n") << path;
    EXPECT_EQ(response.header("content-type"), "application/javascript; charset=utf-8") << path;
  }
}

TEST_P(PollTest, AnEmptyCallbackGivesBareJson) {
  const std::string a = unique_name();
  for (const char* path : {"/poll", "/sub"}) {
    const Response response = server().front_get(std::string(path) + "?cb=&cname=" + a);
    EXPECT_EQ(response.body, next_seq(a, 1) + "\n") << path;
    EXPECT_EQ(response.header("content-type"), "application/json; charset=utf-8") << path;
  }
}

TEST_P(PollTest, AcceptDecidesWhereThereIsNoCallback) {
  const std::string a = unique_name();
  Client client = server().front();
  client.get("/poll?cname=" + a, "Accept: application/json\r\n");
  const Response bare = client.read_response();
  EXPECT_EQ(bare.body, next_seq(a, 1) + "\n");
  EXPECT_EQ(bare.header("content-type"), "application/json; charset=utf-8");
  client.get("/poll?cname=" + a, "Accept: */*\r\n");
  EXPECT_EQ(client.read_response().body, jsonp(next_seq(a, 1)));
}

TEST_P(PollTest, CallbacksThatCouldBeScriptAreRefused) {
  const std::string a = unique_name();
  const std::vector<std::string> bad{"alert(1)//",
                                     "<script>",
                                     "a b",
                                     "a;b",
                                     "a\nb",
                                     "a-b",
                                     "a\"b",
                                     "f\xc3\xa9",
                                     "a/b",
                                     "a=b",
                                     std::string("a\0b", 3),
                                     std::string(129, 'x')};
  for (const char* path : {"/poll", "/sub", "/ping"}) {
    for (const std::string& cb : bad) {
      const Response response =
          server().front_get(std::string(path) + "?cname=" + a + "&cb=" + url_encode(cb));
      EXPECT_EQ(response.status, 400) << path << " " << cb;
      EXPECT_EQ(response.body.find('<'), std::string::npos) << response.body;
    }
  }
  const std::string longest(128, 'x');
  EXPECT_EQ(server().front_get("/poll?cname=" + a + "&cb=" + longest).body,
            longest + "(" + next_seq(a, 1) + ");\n");
}

TEST_P(PollTest, AllowsTheNextRequestOnTheConnection) {
  const std::string a = unique_name();
  Client client = server().front();
  client.get("/poll?cname=" + a);
  EXPECT_EQ(client.read_response().body, jsonp(next_seq(a, 1)));
  for (std::uint64_t seq = 1; seq <= 20; ++seq) {
    client.get("/poll?cname=" + a + "&seq=" + std::to_string(seq));
    // Before the poll waits on even rounds, while it waits on odd ones.
    if (seq % 2 == 1) server().await_subscribers(a, 1);
    server().push(a, "x");
    const Response response = client.read_response();
    EXPECT_EQ(response.header("connection"), "keep-alive");
    EXPECT_NE(response.body.find(data(a, seq, "x")), std::string::npos) << response.body;
  }
}

TEST_P(PollTest, APollThatWasAnsweredIsNoSubscriberAnyMore) {
  const std::string a = unique_name();
  Client client = waiting_poll(server(), "/poll", a, "&seq=1");
  server().push(a, "one");
  client.read_response();
  server().await_subscribers(a, 0);
}

TEST_P(PollTest, AMessageAnswersEveryPollOfTheChannel) {
  const std::string a = unique_name();
  std::vector<Client> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(server().front());
    clients.back().get("/poll?seq=1&cname=" + a);
  }
  server().await_subscribers(a, 10);
  server().push(a, "one");
  for (Client& client : clients) EXPECT_EQ(client.read_response().body, jsonp(data(a, 1, "one")));
  server().await_subscribers(a, 0);
}

TEST_P(PollTest, ABroadcastIsFollowedByItsNextSeq) {
  const RunningServer own(config());
  Client client = waiting_poll(own, "/poll", "a", "&seq=1");
  own.broadcast("all");
  const std::string both = message("broadcast", "a", 1, "all") + "," + next_seq("a", 2);
  EXPECT_EQ(client.read_response().body, jsonp("[" + both + "]"));
  // The same from the buffer, among others.
  own.push("a", "two");
  EXPECT_EQ(own.front_get("/sub?cname=a&seq=1").body,
            "[" + both + "," + data("a", 2, "two") + "]\n");
}

TEST_P(PollTest, ClosingTheChannelAnswersThePoll) {
  const std::string a = unique_name();
  server().push(a, "one");
  Client client = waiting_poll(server(), "/poll", a, "&seq=2");
  EXPECT_EQ(server().admin_get("/close?cname=" + a).body, "ok 2\n");
  EXPECT_EQ(client.read_response().body, jsonp(message("close", a, 2, "")));
}

TEST_P(PollTest, AnswersHaveTheHeadersThatClientsDependOn) {
  const std::string a = unique_name();
  for (const char* path : {"/poll", "/sub"}) {
    const Response response = server().front_get(std::string(path) + "?cname=" + a);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.header("cache-control"), "no-cache") << path;
    EXPECT_EQ(response.header("expires"), "0") << path;
    EXPECT_EQ(response.header("access-control-allow-origin"), "*") << path;
    EXPECT_FALSE(response.has_header("x-content-type-options")) << path;
  }
  EXPECT_EQ(server().front_get("/poll?cname=" + a).header("content-type"),
            "application/javascript; charset=utf-8");
}

TEST_P(PollTest, PingTellsHowOftenTheServerBeats) {
  const Response response = server().front_get("/ping");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "icomet_cb({\"type\":\"ping\",\"sub_timeout\":30});\n");
  EXPECT_EQ(response.header("content-type"), "application/javascript; charset=utf-8");
  EXPECT_EQ(response.header("cache-control"), "no-cache");
  EXPECT_EQ(response.header("expires"), "0");
  EXPECT_EQ(response.header("access-control-allow-origin"), "*");
  EXPECT_FALSE(response.has_header("x-content-type-options"));
  EXPECT_EQ(server().front_get("/ping?cb=f").body, "f({\"type\":\"ping\",\"sub_timeout\":30});\n");
}

}  // namespace
}  // namespace support

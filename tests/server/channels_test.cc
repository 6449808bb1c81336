// Several channels on one connection over HTTP (docs/API.md).
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/support/server_test.h"

namespace support {
namespace {

class ChannelsTest : public ServerTest {
 protected:
  // As many messages as were pushed, by channel; each channel's in order.
  static std::map<std::string, std::vector<std::uint64_t>> seqs(Subscription& from,
                                                                std::size_t count) {
    std::map<std::string, std::vector<std::uint64_t>> seqs;
    for (; count > 0; --count) {
      const std::string json = from.next();
      const std::size_t begin = json.find("\"cname\":\"") + 9;
      seqs[json.substr(begin, json.find('"', begin) - begin)].push_back(seq_of(json));
    }
    return seqs;
  }
};
RUN_WITH_1_2_AND_4_REACTORS(ChannelsTest);

TEST_P(ChannelsTest, EachBeginsAtItsNumberAndGoesOnLive) {
  for (const Endless& transport : endless_transports()) {
    SCOPED_TRACE(transport.path);
    const std::string a = unique_name();
    const std::string b = unique_name();
    for (const char* content : {"one", "two"}) {
      server().push(a, content);
      server().push(b, content);
    }
    Subscription from(server(), transport, "cname=" + a + "&seq=2&cname=" + b + "&seq=1");
    const std::map<std::string, std::vector<std::uint64_t>> history{{a, {2}}, {b, {1, 2}}};
    EXPECT_EQ(seqs(from, 3), history);
    server().push(b, "live");
    EXPECT_EQ(from.next(), data(b, 3, "live"));
    server().push(a, "live");
    EXPECT_EQ(from.next(), data(a, 3, "live"));
  }
}

TEST_P(ChannelsTest, AnEventSourceThatComesBackMissesNothingAndGetsNothingTwice) {
  const std::string a = unique_name();
  const std::string b = unique_name();
  const std::string c = unique_name();
  const std::string query = "cname=" + a + "&cname=" + b + "&cname=" + c + "&seq=1&seq=1&seq=1";
  std::map<std::string, std::uint64_t> last;
  std::string id;
  for (int round = 0; round < 5; ++round) {
    for (const std::string* name : {&a, &b, &a, &c}) server().push(*name, "x");
    Subscription from(server(), endless_transports().at(2),
                      query + (id.empty() ? "" : "&last_event_id=" + id));
    // The connection breaks one message before the end, which comes with the next.
    const std::size_t count = 3 + (round > 0 ? 1u : 0u);
    for (const auto& [name, numbers] : seqs(from, count)) {
      for (const std::uint64_t number : numbers) EXPECT_EQ(number, ++last[name]) << name;
    }
    id = from.id();
  }
  Subscription from(server(), endless_transports().at(2), query + "&last_event_id=" + id);
  for (const auto& [name, numbers] : seqs(from, 1)) {
    for (const std::uint64_t number : numbers) EXPECT_EQ(number, ++last[name]) << name;
  }
  EXPECT_EQ(last[a], 10u);
  EXPECT_EQ(last[b], 5u);
  EXPECT_EQ(last[c], 5u);
}

TEST_P(ChannelsTest, CloseEndsOneOfThemAndTheLastOneTheResponse) {
  const std::string a = unique_name();
  const std::string b = unique_name();
  Subscription from(server(), "cname=" + a + "&seq=1&cname=" + b + "&seq=1");
  server().await_subscribers(a, 1);
  server().await_subscribers(b, 1);
  EXPECT_EQ(server().admin_get("/close?cname=" + a).status, 200);
  EXPECT_EQ(from.next(), message("close", a, 1, ""));
  server().push(b, "on it goes");
  EXPECT_EQ(from.next(), data(b, 1, "on it goes"));
  EXPECT_EQ(server().admin_get("/close?cname=" + b).status, 200);
  EXPECT_EQ(from.next(), message("close", b, 2, ""));
  from.expect_last_chunk();
  // The connection is good for another request.
  from.client().get("/ping");
  EXPECT_EQ(from.client().read_response().status, 200);
}

TEST_P(ChannelsTest, APollGetsWhatWaitsOnAllOfThemInOneArray) {
  const std::string a = unique_name();
  const std::string b = unique_name();
  const std::string c = unique_name();
  server().push(a, "one");
  server().push(b, "one");
  const std::string query = "?cname=" + b + "&seq=1&cname=" + c + "&seq=1&cname=" + a + "&seq=1";
  EXPECT_EQ(server().front_get("/sub" + query).body,
            "[" + data(b, 1, "one") + "," + data(a, 1, "one") + "]\n");
  EXPECT_EQ(server().front_get("/poll?cname=" + a + "&cname=" + b).body,
            "icomet_cb([" + next_seq(a, 2) + "," + next_seq(b, 2) + "]);\n");
}

TEST_P(ChannelsTest, APollThatWaitsGetsTheFirstLiveMessageAndMayAskAgain) {
  const std::string a = unique_name();
  const std::string b = unique_name();
  Client client = server().front();
  const auto ask = [&](int seq) {
    client.get("/poll?cname=" + a + "&seq=1&cname=" + b + "&seq=" + std::to_string(seq));
    server().await_subscribers(a, 1);
    server().await_subscribers(b, 1);
    server().push(b, "live");
    return client.read_response().body;
  };
  EXPECT_EQ(ask(1), "icomet_cb(" + data(b, 1, "live") + ");\n");
  EXPECT_EQ(ask(2), "icomet_cb(" + data(b, 2, "live") + ");\n");
  server().await_subscribers(a, 0);
}

TEST_P(ChannelsTest, WhoLeavesLeavesAllOfThem) {
  const std::string a = unique_name();
  const std::string b = unique_name();
  {
    Subscription from(server(), "cname=" + a + "&cname=" + b);
    server().await_subscribers(a, 1);
    server().await_subscribers(b, 1);
  }
  server().await_subscribers(a, 0);
  server().await_subscribers(b, 0);
}

TEST_P(ChannelsTest, OneRefusedTokenDoesNotEndTheOthers) {
  comet::Config config = this->config();
  config.front.auth = comet::Auth::kToken;
  const RunningServer own(config);
  const std::string token = own.token("b");
  Subscription from(own, "cname=a&cname=b&seq=1&seq=1&token=&token=" + token);
  EXPECT_EQ(from.next(), message("401", "a", 0, "Token error"));
  own.push("b", "x");
  EXPECT_EQ(from.next(), data("b", 1, "x"));
}

TEST_P(ChannelsTest, WhatIsWrongWithTheListIsSaid) {
  EXPECT_EQ(server().front_get("/sse?cname=a&cname=b&last_event_id=1").status, 400);
  std::string many = "/stream?cname=0";
  for (int i = 1; i <= 32; ++i) many += "&cname=" + std::to_string(i);
  const Response answer = server().front_get(many);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, "more than 32 channels (front.max_channels_per_connection)\n");
}

}  // namespace
}  // namespace support

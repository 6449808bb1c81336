// POST /push with many messages (docs/API.md, "Many messages in one request").
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/server_test.h"

namespace support {
namespace {

class PushTest : public ServerTest {
 protected:
  [[nodiscard]] Response push(std::string_view body, std::string_view type = "application/json",
                              std::string_view query = "") const {
    return server().admin_post("/push" + std::string(query), type, body);
  }
};
RUN_WITH_1_2_AND_4_REACTORS(PushTest);

constexpr std::string_view kLines = "application/x-ndjson";

std::string entry(std::string_view cname, std::string_view content) {
  return R"({"cname":")" + std::string(cname) + R"(","content":")" + std::string(content) + R"("})";
}
std::string result(std::string_view cname, std::size_t seq) {
  return R"({"cname":")" + std::string(cname) + R"(","seq":)" + std::to_string(seq) + "}";
}

TEST_P(PushTest, AnArrayAndLinesAreAnsweredWithNumbers) {
  const std::string a = unique_name(), b = unique_name();
  const Response array =
      push("[" + entry(a, "1") + "," + entry(b, "x") + "," + entry(a, "2") + "]");
  EXPECT_EQ(array.status, 200);
  EXPECT_EQ(array.header("content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(array.body, R"({"ok":3,"failed":0,"results":[)" + result(a, 1) + "," + result(b, 1) +
                            "," + result(a, 2) + "]}\n");
  for (const std::string_view type : {kLines, std::string_view("application/json")}) {
    const Response lines = push(entry(a, "3") + "\n" + entry(b, "y") + "\n", type);
    EXPECT_EQ(lines.status, 200) << lines.body;
    EXPECT_TRUE(lines.body.starts_with(R"({"ok":2,"failed":0,)")) << lines.body;
  }
  EXPECT_EQ(server().front_get("/sub?seq=1&cname=" + a).body,
            "[" + data(a, 1, "1") + "," + data(a, 2, "2") + "," + data(a, 3, "3") + "," +
                data(a, 4, "3") + "]\n");
}

TEST_P(PushTest, OldFormsAreAnsweredAsEver) {
  const std::string a = unique_name();
  EXPECT_EQ(push(entry(a, "1")).body, "{\"type\":\"ok\"}\n");
  EXPECT_EQ(push(" \n" + entry(a, "1") + "\n ").body, "{\"type\":\"ok\"}\n");
  EXPECT_EQ(push("{\n\"cname\":\"" + a + "\",\n\"content\":\"1\"\n}\n").body,
            "{\"type\":\"ok\"}\n");
  EXPECT_EQ(push("x").body, "the body is not a JSON object\n");
  EXPECT_EQ(push(entry(a, "1") + entry(a, "2")).body, "the body is not a JSON object\n");
  EXPECT_EQ(server().admin_post("/pub", "application/json", "[" + entry(a, "1") + "]").status, 400);
}

TEST_P(PushTest, WhatFailsIsSaidAndTheRestIsPublished) {
  const std::string a = unique_name();
  const Response response =
      push("[" + entry(a, "1") + R"(,{"cname":"b","content":7},7,{"content":"2"}])",
           "application/json", "?cname=" + a + "&cb=f");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"(f({"ok":2,"failed":2,"results":[)" + result(a, 1) +
                               R"(,{"cname":"b","status":400,"error":"content must be a string"},)"
                               R"({"cname":")" +
                               a + R"(","status":400,"error":"the entry is not an object"},)" +
                               result(a, 2) + "]});\n");
}

TEST_P(PushTest, ABodyThatIsNotJsonPublishesNothing) {
  const std::string a = unique_name();
  const Response lines = push(entry(a, "1") + "\n" + entry(a, "2") + "\n{\"cname\n", kLines);
  EXPECT_EQ(lines.status, 400);
  EXPECT_TRUE(lines.body.starts_with("line 3 is not JSON: ")) << lines.body;
  const Response array = push("[" + entry(a, "1") + "," + entry(a, "2"));
  EXPECT_EQ(array.status, 400);
  EXPECT_EQ(array.body.find('\n'), array.body.size() - 1);
  EXPECT_EQ(server().admin_get("/check?cname=" + a).body, "{}\n");
}

TEST_P(PushTest, ThousandsOfMessagesKeepTheirOrderForEverySubscriber) {
  comet::Config deep = config();
  deep.front.channel_buffer_size = 4000;
  const RunningServer own(deep);
  constexpr std::size_t kChannels = 5;
  constexpr std::size_t kMessages = 10'000;
  std::vector<std::unique_ptr<Subscription>> subscriptions;
  for (std::size_t i = 0; i < kChannels * 2; ++i) {
    subscriptions.push_back(
        std::make_unique<Subscription>(own, "seq=1&cname=c" + std::to_string(i % kChannels)));
  }
  std::string body;
  std::string expected = R"({"ok":10000,"failed":0,"results":[)";
  for (std::size_t i = 0; i < kMessages; ++i) {
    const std::string name = "c" + std::to_string(i % kChannels);
    body += entry(name, std::to_string(i)) + "\n";
    expected += (i == 0 ? "" : ",") + result(name, i / kChannels + 1);
  }
  EXPECT_EQ(own.admin_post("/push", kLines, body).body, expected + "]}\n");
  for (std::size_t i = 0; i < subscriptions.size(); ++i) {
    const std::size_t channel = i % kChannels;
    for (std::size_t seq = 1; seq <= kMessages / kChannels; ++seq) {
      ASSERT_EQ(subscriptions[i]->next(), data("c" + std::to_string(channel), seq,
                                               std::to_string((seq - 1) * kChannels + channel)));
    }
  }
}

TEST_P(PushTest, RequestsBehindABatchAreAnsweredInTheirTurn) {
  const std::string a = unique_name();
  std::string body = "[";
  for (int i = 0; i < 3000; ++i) body += entry(a, "x") + ",";
  body += entry(a, "last") + "]";
  Client client = server().admin();
  client.send(
      "POST /push HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body + "GET /push?content=y&cname=" + a +
      " HTTP/1.1\r\nHost: x\r\n\r\n" + "GET /close?cname=" + a + " HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(client.read_response().body.starts_with("{\"ok\":3001,"));
  EXPECT_EQ(client.read_response().body, "{\"type\":\"ok\"}\n");
  EXPECT_EQ(client.read_response().body, "ok 3003\n");
}

TEST_P(PushTest, TooMuchIsRefusedAsAWhole) {
  comet::Config small = config();
  small.limits.batch_messages = 3;
  small.limits.content_bytes = 5;
  small.limits.body_bytes = 1024;
  small.front.max_channels = 2;
  const RunningServer own(small);
  const auto post = [&](const std::string& body) {
    return own.admin_post("/push", "application/json", body);
  };
  const std::string four =
      entry("a", "1") + "," + entry("a", "2") + "," + entry("a", "3") + "," + entry("a", "4");
  EXPECT_EQ(post("[" + four + "]").status, 413);
  EXPECT_EQ(post("[" + four + "]").body, "more than 3 messages in one request\n");
  EXPECT_EQ(post("[" + std::string(1100, ' ') + "]").status, 413);
  EXPECT_EQ(own.admin_get("/check?cname=a").body, "{}\n");
  const std::string body = post("[" + entry("a", "123456") + "," + entry("a", "12345") + "]").body;
  EXPECT_EQ(body, R"({"ok":1,"failed":1,"results":[{"cname":"a","status":413,"error":)"
                  R"("content is longer than limits.content_bytes"},)" +
                      result("a", 1) + "]}\n");
  // Which of the two comes first is up to their cores.
  const std::string full =
      post("[" + entry("b", "1") + "," + entry("c", "1") + "," + entry("a", "1") + "]").body;
  EXPECT_TRUE(full.starts_with(R"({"ok":2,"failed":1,)")) << full;
  EXPECT_NE(full.find(R"("status":429,"error":"Too many channels"})"), std::string::npos) << full;
  EXPECT_TRUE(full.ends_with(result("a", 2) + "]}\n")) << full;
  EXPECT_NE(own.admin_get("/info").body.find("\"too_many_channels\": 1"), std::string::npos);
}

TEST_P(PushTest, AClientThatLeavesDoesNotStopItsBatch) {
  const std::string a = unique_name();
  std::string body;
  for (int i = 0; i < 3000; ++i) body += entry(a, "x") + "\n";
  Subscription subscription(server(), "seq=1&cname=" + a);
  {
    Client client = server().admin();
    client.post("/push", kLines, body);
    EXPECT_EQ(subscription.next(), data(a, 1, "x"));
    client.reset();
  }
  for (std::size_t seq = 2; seq <= 3000; ++seq) ASSERT_EQ(subscription.next(), data(a, seq, "x"));
  EXPECT_EQ(push("[" + entry(a, "y") + "]").body,
            R"({"ok":1,"failed":0,"results":[)" + result(a, 3001) + "]}\n");
}

}  // namespace
}  // namespace support

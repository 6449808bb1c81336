// The admin port: publishing, closing, watching (API.md sections 3, 5 and 6).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/server_test.h"

namespace support {
namespace {

using testing::MatchesRegex;
using testing::StartsWith;

class AdminTest : public ServerTest {};
RUN_WITH_1_2_AND_4_REACTORS(AdminTest);

constexpr std::string_view kOk = "{\"type\":\"ok\"}\n";

TEST_P(AdminTest, PushAnswersOkOrTheCallback) {
  const std::string a = unique_name();
  for (const char* path : {"/push", "/pub"}) {
    const std::string target = std::string(path) + "?content=x&cname=" + a;
    EXPECT_EQ(server().admin_get(target).body, kOk);
    EXPECT_EQ(server().admin_get(target + "&cb=f.g").body, "f.g({\"type\":\"ok\"});\n");
    EXPECT_EQ(server().admin_get(target + "&cb=f(").status, 400);
  }
  EXPECT_EQ(server().front_get("/sub?cname=" + a).body, next_seq(a, 5) + "\n");
}

TEST_P(AdminTest, PushEscapesAsJsonRequires) {
  const std::string a = unique_name();
  std::vector<std::pair<std::string, std::string>> table{
      {"plain", "plain"},
      {"\"", "\\\""},
      {"\\", "\\\\"},
      {"\\n", "\\\\n"},
      {"\n", "\\n"},
      {"\r", "\\r"},
      {"\t", "\\t"},
      {"\b", "\\b"},
      {"\f", "\\f"},
      {std::string(1, '\0'), "\\u0000"},
      {"\x01", "\\u0001"},
      {"\x0b", "\\u000B"},
      {"\x1f", "\\u001F"},
      {"\x7f", "\x7f"},
      {"/</'&>", "/</'&>"},
      {"\xc3\xa9", "\xc3\xa9"},
      {"\xe2\x80\xa8", "\xe2\x80\xa8"},  // U+2028
      {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
      {"a\"b\\c\nd\x02"
       "e\xc3\xa9",
       "a\\\"b\\\\c\\nd\\u0002e\xc3\xa9"},
  };
  Subscription subscription(server(), "seq=1&cname=" + a);
  std::uint64_t seq = 0;
  for (const auto& [raw, escaped] : table) {
    server().push(a, raw);
    EXPECT_EQ(subscription.next(), data(a, ++seq, escaped));
  }
}

TEST_P(AdminTest, PubTakesWhatIsEscapedAlready) {
  const std::string a = unique_name();
  Subscription subscription(server(), "seq=1&cname=" + a);
  std::uint64_t seq = 0;
  for (const char* content :
       {"plain", "", "a\\\"b", "\\\\", "\\n\\r\\t\\b\\f\\/", "\\u00e9\\u00E9", "\\ud83d\\ude00",
        "\xc3\xa9\xf0\x9f\x98\x80", "</script>", "{\\\"a\\\":[1]}"}) {
    EXPECT_EQ(server().admin_get("/pub?cname=" + a + "&content=" + url_encode(content)).body, kOk)
        << content;
    EXPECT_EQ(subscription.next(), data(a, ++seq, content));
  }
}

TEST_P(AdminTest, PubRefusesWhatIsNoJsonString) {
  const std::string a = unique_name();
  for (const std::string& content :
       {std::string("\""), std::string("a\"b"), std::string("\\"), std::string("a\\"),
        std::string("\\x"), std::string("\\u12"), std::string("\\u12G4"), std::string("\n"),
        std::string("\x01"), std::string(1, '\0'), std::string("\xff"), std::string("\xc3"),
        std::string("\\\\\""), std::string("\\ud83d"), std::string("\\ude00\\ud83d")}) {
    const std::string encoded = url_encode(content);
    expect_error(server().admin_get("/pub?cname=" + a + "&content=" + encoded), 400, encoded);
  }
  // Nothing of that took a number.
  EXPECT_EQ(server().front_get("/sub?cname=" + a).body, next_seq(a, 1) + "\n");
}

TEST_P(AdminTest, InvalidUtf8IsRefused) {
  const std::string a = unique_name();
  for (const char* content :
       {"%FF", "a%C3", "%C0%80", "%ED%A0%80", "%F5%80%80%80", "%80", "%E2%82"}) {
    for (const char* path : {"/push", "/pub", "/broadcast"}) {
      const std::string target = std::string(path) + "?cname=" + a + "&content=" + content;
      EXPECT_EQ(server().admin_get(target).status, 400) << target;
    }
  }
  EXPECT_EQ(server().front_get("/sub?cname=" + a).body, next_seq(a, 1) + "\n");
}

TEST_P(AdminTest, PublishesOfOneConnectionKeepTheirOrder) {
  const std::string a = unique_name();
  Subscription subscription(server(), "seq=1&cname=" + a);
  Client publisher = server().admin();
  std::string requests;
  for (int i = 1; i <= 300; ++i) {
    requests += "GET /push?cname=" + a + "&content=" + std::to_string(i) + " HTTP/1.1\r\n\r\n";
  }
  publisher.send(requests);
  for (int i = 1; i <= 300; ++i) ASSERT_EQ(publisher.read_response().body, kOk);
  for (std::uint64_t seq = 1; seq <= 300; ++seq) {
    ASSERT_EQ(subscription.next(), data(a, seq, std::to_string(seq)));
  }
}

TEST_P(AdminTest, AnAcknowledgedMessageIsThereForEveryone) {
  for (int round = 0; round < 50; ++round) {
    const std::string a = unique_name();
    server().push(a, "one");
    EXPECT_EQ(server().front_get("/sub?seq=1&cname=" + a).body, "[" + data(a, 1, "one") + "]\n");
  }
}

TEST_P(AdminTest, ABroadcastTakesANumberInEveryChannelBeforeItIsAcknowledged) {
  const RunningServer own(config());
  std::vector<std::string> names;
  for (int i = 0; i < 20; ++i) {
    names.push_back(unique_name());
    EXPECT_EQ(own.admin_get("/sign?cname=" + names.back()).status, 200);
    for (int n = 0; n < i % 3; ++n) own.push(names.back(), "x");
  }
  own.broadcast("\"all\"\n");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::uint64_t seq = i % 3 + 1;
    EXPECT_EQ(own.front_get("/sub?cname=" + names[i] + "&seq=" + std::to_string(seq)).body,
              "[" + message("broadcast", names[i], seq, "\\\"all\\\"\\n") + "," +
                  next_seq(names[i], seq + 1) + "]\n");
    EXPECT_EQ(own.admin_get("/clear?cname=" + names[i]).body,
              "ok " + std::to_string(seq + 1) + "\n");
  }
}

TEST_P(AdminTest, CloseForgetsTheChannel) {
  const std::string a = unique_name();
  server().push(a, "one");
  server().push(a, "two");
  EXPECT_EQ(server().admin_get("/close?cname=" + a).body, "ok 3\n");
  EXPECT_EQ(server().admin_get("/check?cname=" + a).body, "{}\n");
  for (const char* path : {"/close", "/clear"}) {
    const Response again = server().admin_get(std::string(path) + "?cname=" + a);
    EXPECT_EQ(again.status, 404);
    EXPECT_EQ(again.body, "channel[" + a + "] not connected\n");
  }
  EXPECT_EQ(server().front_get("/sub?cname=" + a).body, next_seq(a, 1) + "\n");
}

TEST_P(AdminTest, ClosingAndCreatingAgainLeavesNothingBehind) {
  const std::string a = unique_name();
  for (int round = 0; round < 30; ++round) {
    Subscription first(server(), "seq=1&cname=" + a);
    Subscription second(server(), "seq=1&cname=" + a);
    server().push(a, "one");
    EXPECT_EQ(server().admin_get("/close?cname=" + a).body, "ok 2\n");
    for (Subscription* subscription : {&first, &second}) {
      ASSERT_EQ(subscription->next(), data(a, 1, "one"));
      ASSERT_EQ(subscription->next(), message("close", a, 2, ""));
      subscription->expect_last_chunk();
    }
  }
  EXPECT_EQ(server().admin_get("/check?cname=" + a).body, "{}\n");
}

TEST_P(AdminTest, ClearForgetsMessagesButKeepsTheNumbering) {
  const std::string a = unique_name();
  Subscription before(server(), "seq=1&cname=" + a);
  for (const char* content : {"one", "two", "three"}) server().push(a, content);
  EXPECT_EQ(server().admin_get("/clear?cname=" + a).body, "ok 4\n");
  Subscription after(server(), "seq=1&cname=" + a);
  server().push(a, "four");
  EXPECT_EQ(after.next(), data(a, 4, "four"));
  // Clearing takes nothing from those who are there.
  EXPECT_EQ(before.next(), data(a, 1, "one"));
  EXPECT_EQ(before.next(), data(a, 2, "two"));
  EXPECT_EQ(before.next(), data(a, 3, "three"));
  EXPECT_EQ(before.next(), data(a, 4, "four"));
  EXPECT_EQ(server().front_get("/sub?seq=2&cname=" + a).body, "[" + data(a, 4, "four") + "]\n");
}

TEST_P(AdminTest, InfoCountsTheServer) {
  const RunningServer own(config());
  EXPECT_THAT(
      own.admin_get("/info").body,
      MatchesRegex("\\{\"version\": \"[^\"]+\", \"channels\": 0, \"subscribers\": 0.*\\}\n"));
  std::vector<Subscription> subscriptions;
  for (int i = 0; i < 12; ++i) {
    subscriptions.emplace_back(own, "seq=1&cname=c" + std::to_string(i % 5));
  }
  own.push("alone", "x");
  own.await_totals(6, 12);
  subscriptions.erase(subscriptions.begin() + 4, subscriptions.end());
  own.await_totals(6, 4);
  own.await_subscribers("c0", 1);
  own.await_subscribers("c4", 0);
}

TEST_P(AdminTest, InfoAndCheckTellAboutOneChannel) {
  const std::string a = unique_name();
  EXPECT_THAT(server().admin_get("/info?cname=" + a).body,
              StartsWith("{\"cname\": \"" + a + "\", \"subscribers\": 0"));
  EXPECT_EQ(server().admin_get("/check?cname=" + a).body, "{}\n");
  Subscription subscription(server(), "seq=1&cname=" + a);
  server().await_subscribers(a, 1);
  EXPECT_THAT(server().admin_get("/info?cname=" + a).body,
              StartsWith("{\"cname\": \"" + a + "\", \"subscribers\": 1"));
  EXPECT_EQ(server().admin_get("/check?cname=" + a).body, "{\"" + a + "\": 1}\n");
  server().push("\"\\", "x");
  EXPECT_EQ(server().admin_get("/check?cname=%22%5C").body, "{\"\\\"\\\\\": 1}\n");
  EXPECT_THAT(server().admin_get("/info?cname=%22%5C").body,
              StartsWith("{\"cname\": \"\\\"\\\\\", \"subscribers\": 0"));
}

TEST_P(AdminTest, AContentThatIsTooLargeIsRefused) {
  const std::string a = unique_name();
  const std::string content(1048577, 'x');
  EXPECT_EQ(server().admin_post("/push?cname=" + a, "text/plain", content).status, 413);
  EXPECT_EQ(server().admin_post("/push?cname=" + a, "text/plain", content.substr(1)).status, 200);
}

}  // namespace
}  // namespace support

// auth = "token", and /sign (API.md sections 2, 4 and 5).
#include <gtest/gtest.h>

#include <string>

#include "tests/support/server_test.h"

namespace support {
namespace {

class TokenTest : public ServerTest {
 protected:
  [[nodiscard]] comet::Config guarded() const {
    comet::Config result = config();
    result.front.auth = comet::Auth::kToken;
    return result;
  }
};
RUN_WITH_1_2_AND_4_REACTORS(TokenTest);

void expect_token_error(const RunningServer& server, const std::string& query,
                        const std::string& cname) {
  const std::string error = message("401", cname, 0, "Token error");
  EXPECT_EQ(server.front_get("/poll?" + query).body, "icomet_cb(" + error + ");\n") << query;
  EXPECT_EQ(server.front_get("/poll?cb=f&" + query).body, "f(" + error + ");\n") << query;
  EXPECT_EQ(server.front_get("/sub?" + query).body, error + "\n") << query;
  for (const Endless& transport : endless_transports()) {
    const Response response = server.front_get(std::string(transport.path) + "?" + query);
    EXPECT_EQ(response.status, 200) << transport.path;
    EXPECT_EQ(response.header("content-type"), transport.content_type) << transport.path;
    EXPECT_EQ(response.body, std::string(transport.opening()) + transport.wrap(error)) << query;
  }
}

TEST_P(TokenTest, AChannelThatDoesNotExistIsATokenError) {
  const RunningServer own(guarded());
  expect_token_error(own, "cname=a", "a");
  expect_token_error(own, "cname=a&seq=1&token=00000000000000000000000000000000", "a");
  EXPECT_EQ(own.admin_get("/check?cname=a").body, "{}\n");
  own.await_totals(0, 0);
}

TEST_P(TokenTest, AWrongTokenIsATokenError) {
  const RunningServer own(guarded());
  const std::string right = own.token("a");
  const std::string of_another = own.token("b");
  ASSERT_NE(right, of_another);
  for (const std::string& wrong :
       {std::string(), std::string("x"), right.substr(0, 31), right + "0", of_another,
        std::string(32, '0'), std::string(32, 'g')}) {
    expect_token_error(own, "cname=a&token=" + wrong, "a");
  }
  expect_token_error(own, "cname=a", "a");
  own.await_subscribers("a", 0);
}

TEST_P(TokenTest, TheRightTokenOpensEveryTransport) {
  const RunningServer own(guarded());
  const std::string query = "cname=a&token=" + own.token("a");
  for (const Endless& transport : endless_transports()) {
    Subscription subscription(own, transport, query);
    EXPECT_EQ(subscription.next(), next_seq("a", 1));
  }
  EXPECT_EQ(own.front_get("/poll?" + query).body, "icomet_cb(" + next_seq("a", 1) + ");\n");
  EXPECT_EQ(own.front_get("/sub?" + query).body, next_seq("a", 1) + "\n");
}

TEST_P(TokenTest, ATokenDiesWithItsChannel) {
  const RunningServer own(guarded());
  const std::string old_token = own.token("a");
  EXPECT_EQ(own.admin_get("/close?cname=a").body, "ok 1\n");
  expect_token_error(own, "cname=a&token=" + old_token, "a");
  const std::string new_token = own.token("a");
  EXPECT_NE(new_token, old_token);
  expect_token_error(own, "cname=a&token=" + old_token, "a");
  Subscription subscription(own, "cname=a&token=" + new_token);
  EXPECT_EQ(subscription.next(), next_seq("a", 1));
}

TEST_P(TokenTest, PushingCreatesAChannelThatSignThenHandsOut) {
  const RunningServer own(guarded());
  own.push("a", "one");
  expect_token_error(own, "cname=a&seq=1", "a");
  Subscription subscription(own, "cname=a&seq=1&token=" + own.token("a"));
  EXPECT_EQ(subscription.next(), data("a", 1, "one"));
}

TEST_P(TokenTest, WithoutAuthTheTokenIsNotLookedAt) {
  const std::string a = unique_name();
  Subscription subscription(server(), "token=nonsense&cname=" + a);
  EXPECT_EQ(subscription.next(), next_seq(a, 1));
}

TEST_P(TokenTest, SignTellsAllAboutTheChannelInThatOrder) {
  const std::string a = unique_name();
  const Response response = server().admin_get("/sign?cname=" + a);
  EXPECT_EQ(response.status, 200);
  const std::string token = server().token(a);
  EXPECT_EQ(token.find_first_not_of("0123456789abcdef"), std::string::npos) << token;
  EXPECT_EQ(response.body, "{\"type\":\"sign\",\"cname\":\"" + a + "\",\"seq\":1,\"token\":\"" +
                               token + "\",\"expires\":60,\"sub_timeout\":30}\n");
}

TEST_P(TokenTest, TheTokenStaysTheSameAsLongAsTheChannelLives) {
  const std::string a = unique_name();
  const std::string token = server().token(a);
  server().push(a, "one");
  Subscription subscription(server(), "cname=" + a);
  EXPECT_EQ(server().token(a), token);
  EXPECT_EQ(server().admin_get("/clear?cname=" + a).status, 200);
  EXPECT_EQ(server().token(a), token);
}

TEST_P(TokenTest, SignTellsTheOldestBufferedNumber) {
  comet::Config small = config();
  small.front.channel_buffer_size = 3;
  const RunningServer own(small);
  const auto seq = [&own] { return seq_of(own.admin_get("/sign?cname=a").body); };
  EXPECT_EQ(seq(), 1U);
  own.push("a", "1");
  EXPECT_EQ(seq(), 1U);
  for (const char* content : {"2", "3", "4", "5"}) own.push("a", content);
  EXPECT_EQ(seq(), 3U);
  EXPECT_EQ(own.admin_get("/clear?cname=a").body, "ok 6\n");
  EXPECT_EQ(seq(), 6U);
}

TEST_P(TokenTest, SignEchoesExpires) {
  const std::string a = unique_name();
  EXPECT_NE(server().admin_get("/sign?expires=7&cname=" + a).body.find("\"expires\":7,"),
            std::string::npos);
  EXPECT_NE(server().admin_get("/sign?cname=" + a).body.find("\"expires\":60,"), std::string::npos);
  EXPECT_NE(server()
                .admin_post("/sign", "application/json", "{\"cname\":\"" + a + "\",\"expires\":9}")
                .body.find("\"expires\":9,"),
            std::string::npos);
}

TEST_P(TokenTest, SignEscapesTheName) {
  EXPECT_NE(server().admin_get("/sign?cname=%22%5C").body.find("\"cname\":\"\\\"\\\\\""),
            std::string::npos);
}

}  // namespace
}  // namespace support

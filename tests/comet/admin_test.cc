#include "comet/admin.h"

#include <gtest/gtest.h>

#include <string>

namespace comet {
namespace {

using Verb = Command::Verb;

class AdminTest : public testing::Test {
 protected:
  AdminAction handle(std::string_view path, std::string_view query,
                     http::Method method = http::Method::kGet, std::string_view content_type = {},
                     std::string_view body = {}) {
    http::Request request;
    request.method = method;
    request.target = path;
    request.path = path;
    request.query = query;
    request.content_type = content_type;
    request.body = body;
    return admin_.handle(request, question_);
  }
  AdminAction post(std::string_view path, std::string_view query, std::string_view content_type,
                   std::string_view body) {
    return handle(path, query, http::Method::kPost, content_type, body);
  }
  Reply error(AdminAction action) {
    if (Reply* reply = std::get_if<Reply>(&action)) return std::move(*reply);
    ADD_FAILURE() << "not refused";
    return {};
  }
  Command command(AdminAction action) {
    if (Command* command = std::get_if<Command>(&action)) return std::move(*command);
    ADD_FAILURE() << "not a command";
    return {};
  }
  std::string content(AdminAction action) {
    const Command got = command(std::move(action));
    return got.message ? std::string(got.message->content()) : "(none)";
  }
  std::string answered(std::string_view path, std::string_view query, Answer answer = {}) {
    handle(path, query);
    return admin_.reply(question_, answer).body;
  }

  Config config_;
  NameHash hash_{1, 2};
  Admin admin_{config_, hash_};
  AdminQuestion question_;
};

TEST_F(AdminTest, WhatIsWrongIsSaidInOneLine) {
  const struct {
    std::string_view path, query;
    int status;
    std::string_view line;
  } rows[] = {
      {"/nothing", "", 404, "there is nothing at this path\n"},
      {"/poll", "cname=a", 404, "there is nothing at this path\n"},
      {"/push", "content=x", 400, "cname is missing\n"},
      {"/push", "cname=a&content=%ff", 400, "content is not valid UTF-8\n"},
      {"/push", "cname=a&content=%f", 400, "the query has a bad percent-encoding\n"},
      {"/push", "cname=a&content=x&cb=(", 400,
       "cb is not an identifier path of at most 128 bytes\n"},
      {"/broadcast", "content=%ff", 400, "content is not valid UTF-8\n"},
      {"/sign", "", 400, "cname is missing\n"},
      {"/sign", "cname=a&expires=x", 400, "expires is not a number\n"},
      {"/sign", "cname=a&expires=2147483648", 400, "expires is longer than a year\n"},
      {"/close", "", 400, "cname is missing\n"},
      {"/clear", "", 400, "cname is missing\n"},
      {"/check", "cname=%01", 400, "cname has a control character\n"},
      {"/psub", "events=x", 400, "events is neither channels nor subscribers\n"},
      {"/tail", "", 400, "cname is missing\n"},
      {"/tail", "cname=a&seq=x", 400, "seq is not a number\n"},
      {"/tail", "cname=a&noop=x", 400, "noop is not a number\n"},
  };
  for (const auto& row : rows) {
    const Reply got = error(handle(row.path, row.query));
    EXPECT_EQ(got.status, row.status) << row.path << '?' << row.query;
    EXPECT_EQ(got.body, row.line) << row.path << '?' << row.query;
  }
}

TEST_F(AdminTest, OtherMethodsThanGetAndPostAreNotAllowed) {
  for (const auto method : {http::Method::kHead, http::Method::kOptions, http::Method::kOther}) {
    const Reply got = error(handle("/push", "cname=a&content=x", method));
    EXPECT_EQ(got.status, 405);
    EXPECT_EQ(got.headers, "Allow: GET, POST\r\n");
  }
}

TEST_F(AdminTest, PushEscapesTheContent) {
  const Command got = command(handle("/push", "cname=a%20b&content=%22%5c%0a%01%c3%a9%3C/s"));
  EXPECT_EQ(got.verb, Verb::kPublish);
  EXPECT_EQ(got.name.text, "a b");
  EXPECT_EQ(got.name.hash, hash_("a b"));
  EXPECT_EQ(got.message->content(), "\\\"\\\\\\n\\u0001\xc3\xa9</s");
  EXPECT_EQ(got.message->type(), Message::Type::kData);
}

TEST_F(AdminTest, PubTakesTheInsideOfAJsonString) {
  EXPECT_EQ(content(handle("/pub", "cname=a&content=%5c%22x%5cn%5cu00e9")), "\\\"x\\n\\u00e9");
  for (const char* bad : {"%22", "%5c", "%5cx", "%0a", "%5cu12", "%5cud800", "%ff"}) {
    const Reply got = error(handle("/pub", std::string("cname=a&content=") + bad));
    EXPECT_EQ(got.status, 400) << bad;
    EXPECT_EQ(got.body, "content is not the inside of a JSON string\n");
  }
}

TEST_F(AdminTest, ContentBeyondItsLimitIsRefused) {
  config_.limits.content_bytes = 4;
  EXPECT_EQ(content(handle("/push", "cname=a&content=1234")), "1234");
  EXPECT_EQ(error(handle("/push", "cname=a&content=12345")).status, 413);
  EXPECT_EQ(error(handle("/broadcast", "content=12345")).status, 413);
}

TEST_F(AdminTest, BodiesAreFormsJsonOrTheContentItself) {
  EXPECT_EQ(content(post("/push", "cname=a&content=q", "", "content=f%20")), "f ");
  EXPECT_EQ(content(post("/push", "", "application/x-www-form-urlencoded", "cname=a&content=f")),
            "f");
  EXPECT_EQ(content(post("/push", "content=q", "Application/JSON; charset=utf-8",
                         R"({"CNAME":"a","content":"j\"","other":[1]})")),
            "j\\\"");
  EXPECT_EQ(content(post("/push", "cname=a&content=q", "text/plain; charset=utf-8", "a=b&c%")),
            "a=b&c%");
  EXPECT_EQ(content(post("/push", "cname=a", "application/octet-stream", "\n")), "\\n");
  EXPECT_EQ(content(post("/push", "cname=a&content=q", "application/json", "")), "q");
}

TEST_F(AdminTest, BodiesThatAreNotUnderstoodAreRefused) {
  EXPECT_EQ(error(post("/push", "cname=a", "application/json", "7")).status, 400);
  EXPECT_EQ(error(post("/pub", "cname=a", "application/json", "[1]")).status, 400);
  EXPECT_EQ(error(post("/broadcast", "", "application/json", "[1]")).status, 400);
  EXPECT_EQ(error(post("/push", "cname=a", "application/json", "{")).status, 400);
  EXPECT_EQ(error(post("/push", "cname=a", "application/json", R"({"content":1})")).body,
            "content must be a string\n");
  EXPECT_EQ(error(post("/push", "cname=a", "", "content=%f")).body,
            "the form has a bad percent-encoding\n");
  EXPECT_EQ(error(post("/push", "", "multipart/form-data; boundary=x", "--x\r\n")).status, 415);
}

TEST_F(AdminTest, ABodyOfManyMessagesIsABatch) {
  const auto push = [&](std::string_view query, std::string_view type, std::string_view body) {
    return post("/push", query, type, body);
  };
  EXPECT_TRUE(std::holds_alternative<std::unique_ptr<PushBatch>>(
      push("", "application/x-ndjson", R"({"cname":"a","content":"x"})")));
  AdminAction action = push("cname=b&cb=f&content=q", "application/json", R"([{"content":"x"}])");
  ASSERT_TRUE(std::holds_alternative<std::unique_ptr<PushBatch>>(action));
  PushBatch& batch = *std::get<std::unique_ptr<PushBatch>>(action);
  ASSERT_EQ(batch.read_some(), PushBatch::Reading::kComplete);
  const std::vector<PushOrder> orders = batch.take_orders(1);
  EXPECT_EQ(orders[0].channels[0].text, "b");
  batch.add(0, {{}, {{7, Outcome::kOk}}});
  EXPECT_EQ(Admin::reply(question_, batch).body,
            "f({\"ok\":1,\"failed\":0,\"results\":[{\"cname\":\"b\",\"seq\":7}]});\n");
  EXPECT_EQ(error(push("cname=%01", "application/json", "[]")).body,
            "cname has a control character\n");
  EXPECT_EQ(error(push("cname=%f", "application/json", "[]")).status, 400);
  EXPECT_EQ(error(push("cb=(", "application/json", "[]")).status, 400);
}

TEST_F(AdminTest, EachPathAsksItsQuestion) {
  EXPECT_EQ(command(handle("/close", "cname=a")).verb, Verb::kClose);
  EXPECT_EQ(command(handle("/clear", "cname=a")).verb, Verb::kClear);
  EXPECT_EQ(command(handle("/check", "cname=a")).verb, Verb::kInspect);
  EXPECT_EQ(command(handle("/sign", "cname=a&expires=7")).expires_s, 7u);
  EXPECT_EQ(command(handle("/sign", "cname=a&expires=-7")).expires_s, 0u);
  EXPECT_EQ(command(handle("/sign", "cname=a")).verb, Verb::kSign);
  EXPECT_TRUE(std::holds_alternative<CoresQuestion>(handle("/info", "")));
  for (const auto& [query, events] : {std::pair{"", PresenceEvents::kChannels},
                                      {"events=channels", PresenceEvents::kChannels},
                                      {"events=subscribers", PresenceEvents::kSubscribers}}) {
    AdminAction psub = handle("/psub", query);
    ASSERT_TRUE(std::holds_alternative<WatchPresence>(psub)) << query;
    EXPECT_EQ(std::get<WatchPresence>(psub).events, events) << query;
  }
  AdminAction tail = handle("/tail", "cname=a&seq=7&noop=3");
  ASSERT_TRUE(std::holds_alternative<SubscribeRequest>(tail));
  EXPECT_EQ(std::get<SubscribeRequest>(tail).framing, (Framing{Transport::kTail, true}));
  EXPECT_EQ(std::get<SubscribeRequest>(tail).name.text, "a");
  EXPECT_EQ(std::get<SubscribeRequest>(tail).wanted, 7);
  EXPECT_EQ(std::get<SubscribeRequest>(tail).noop, 3);
  EXPECT_EQ(error(handle("/console", "")).content_type, "text/html; charset=utf-8");
  AdminAction action = handle("/broadcast", "content=x%22");
  ASSERT_TRUE(std::holds_alternative<BroadcastOrder>(action));
  EXPECT_EQ(std::get<BroadcastOrder>(action).message->content(), "x\\\"");
  EXPECT_EQ(std::get<BroadcastOrder>(action).message->type(), Message::Type::kBroadcast);
}

TEST_F(AdminTest, AnswersReadAsClientsExpect) {
  Answer answer;
  answer.seq = 5;
  answer.subscribers = 3;
  answer.expires_s = 60;
  answer.token.bytes[0] = 0xab;
  EXPECT_EQ(answered("/push", "cname=a&content=x", answer), "{\"type\":\"ok\"}\n");
  EXPECT_EQ(answered("/push", "cname=a&content=x&cb=f", answer), "f({\"type\":\"ok\"});\n");
  EXPECT_EQ(answered("/pub", "cname=a&content=x", answer), "{\"type\":\"ok\"}\n");
  EXPECT_EQ(answered("/sign", "cname=a%22", answer),
            "{\"type\":\"sign\",\"cname\":\"a\\\"\",\"seq\":5,"
            "\"token\":\"ab000000000000000000000000000000\",\"expires\":60,\"sub_timeout\":30}\n");
  EXPECT_EQ(answered("/broadcast", "content=x", answer), "ok\n");
  EXPECT_EQ(answered("/close", "cname=a", answer), "ok 5\n");
  EXPECT_EQ(answered("/clear", "cname=a", answer), "ok 5\n");
  EXPECT_EQ(answered("/check", "cname=a", answer), "{\"a\": 1}\n");
}

TEST_F(AdminTest, FailuresHaveTheirStatus) {
  Answer answer;
  answer.outcome = Outcome::kUnknownChannel;
  handle("/close", "cname=a");
  EXPECT_EQ(admin_.reply(question_, answer).status, 404);
  EXPECT_EQ(admin_.reply(question_, answer).body, "channel[a] not connected\n");
  EXPECT_EQ(answered("/check", "cname=a", answer), "{}\n");
  handle("/push", "cname=a&content=x");
  answer.outcome = Outcome::kTooManyChannels;
  EXPECT_EQ(admin_.reply(question_, answer).status, 429);
  answer.outcome = Outcome::kOverloaded;
  EXPECT_EQ(admin_.reply(question_, answer).status, 503);
  EXPECT_EQ(admin_.reply(question_, answer).headers, "Retry-After: 1\r\n");
}

}  // namespace
}  // namespace comet

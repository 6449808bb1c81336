#include "comet/websocket_ops.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>

namespace comet {
namespace {

constexpr std::string_view kToken = "0123456789abcdef0123456789abcdef";
const NameHash kHash(1, 2);

std::string error(std::string_view op, std::string_view cname, std::string_view reason) {
  return std::string("error ").append(op).append("|").append(cname).append("|").append(reason);
}

// "subscribe b 9 token", "unsubscribe b", or the error.
std::string answer_to(std::string_view text) {
  static WebsocketOps ops(kHash);
  const auto read = ops.read(text);
  if (const auto* wrong = std::get_if<WebsocketOpError>(&read)) {
    return error(wrong->op, wrong->cname, wrong->reason);
  }
  const auto& op = std::get<WebsocketOp>(read);
  EXPECT_EQ(op.channel.name.hash, kHash(op.channel.name.text));
  if (op.verb == WebsocketOp::Verb::kUnsubscribe) return "unsubscribe " + op.channel.name.text;
  return "subscribe " + op.channel.name.text + " " + std::to_string(op.channel.wanted) +
         (op.channel.has_token ? " token" : "");
}

TEST(WebsocketOps, ReadsThoseThatThereAre) {
  EXPECT_EQ(
      answer_to(R"({"op":"subscribe","cname":"b","seq":9,"token":")" + std::string(kToken) + "\"}"),
      "subscribe b 9 token");
  EXPECT_EQ(answer_to(R"( { "cname" : "b" , "op" : "subscribe" } )"), "subscribe b 0");
  EXPECT_EQ(answer_to(R"({"op":"unsubscribe","cname":"b"})"), "unsubscribe b");
  // A name may be escaped; what nobody asked for is passed over.
  EXPECT_EQ(answer_to(R"({"op":"unsubscribe","cname":"\u4e2d","seq":[],"x":{"y":[1]}})"),
            "unsubscribe \xe4\xb8\xad");
}

TEST(WebsocketOps, ReadsSeqAsAQueryWould) {
  const auto seq = [](std::string_view value) {
    return answer_to(std::string(R"({"op":"subscribe","cname":"b","seq":)").append(value) + "}");
  };
  const std::string largest = std::to_string(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(seq("-1"), "subscribe b -1");
  EXPECT_EQ(seq("null"), "subscribe b 0");
  EXPECT_EQ(seq("\"\""), "subscribe b 0");
  EXPECT_EQ(seq("\"12\""), "subscribe b 12");
  EXPECT_EQ(seq(largest), "subscribe b " + largest);
  EXPECT_EQ(seq("9223372036854775808"), "subscribe b " + largest);
  EXPECT_EQ(seq("\"99999999999999999999\""), "subscribe b " + largest);
  EXPECT_EQ(seq("99999999999999999999"), error("", "", "the message is not a JSON object"));
  for (const std::string_view none : {"1.5", "true", "\"x\"", "[]", "{}"}) {
    EXPECT_EQ(seq(none), error("subscribe", "b", "seq is not a number")) << none;
  }
}

TEST(WebsocketOps, ATokenThatIsNoneIsLeftToTheChannel) {
  EXPECT_EQ(answer_to(R"({"op":"subscribe","cname":"b","token":"short"})"), "subscribe b 0");
  EXPECT_EQ(answer_to(R"({"op":"subscribe","cname":"b","token":null})"), "subscribe b 0");
  EXPECT_EQ(answer_to(R"({"op":"subscribe","cname":"b","token":7})"),
            error("subscribe", "b", "token must be a string"));
}

TEST(WebsocketOps, SaysWhatWasWrong) {
  constexpr std::string_view kNoObject = "the message is not a JSON object";
  for (const std::string_view text : {"", "hello", "[]", "7", "\"op\"", "{", R"({"op":"subscribe")",
                                      R"({"op":"subscribe"} {})", "{\"a\":\"\x01\"}"}) {
    EXPECT_EQ(answer_to(text), error("", "", kNoObject)) << text;
  }
  EXPECT_EQ(answer_to("{}"), error("", "", "op is missing"));
  EXPECT_EQ(answer_to(R"({"op":null,"cname":"b"})"), error("", "b", "op is missing"));
  EXPECT_EQ(answer_to(R"({"op":1})"), error("", "", "op must be a string"));
  EXPECT_EQ(answer_to(R"({"op":"Subscribe","cname":"b"})"), error("Subscribe", "b", "unknown op"));
  EXPECT_EQ(answer_to(R"({"op":"publish","cname":"a\"b"})"),
            error("publish", "a\"b", "unknown op"));
  EXPECT_EQ(answer_to(R"({"op":"subscribe"})"), error("subscribe", "", "cname is missing"));
  EXPECT_EQ(answer_to(R"({"op":"subscribe","cname":5})"),
            error("subscribe", "", "cname must be a string"));
  EXPECT_EQ(answer_to(R"({"op":"unsubscribe","cname":"\u0007"})"),
            error("unsubscribe", "", "cname has a control character"));
}

TEST(WebsocketOps, NamesMayBeAsLongAsInAQuery) {
  const auto subscribe = [](std::size_t bytes) {
    return answer_to(R"({"op":"unsubscribe","cname":")" + std::string(bytes, 'x') + "\"}");
  };
  EXPECT_EQ(subscribe(255), "unsubscribe " + std::string(255, 'x'));
  EXPECT_EQ(subscribe(256), error("unsubscribe", "", "cname is longer than 255 bytes"));
}

TEST(WebsocketOps, LittleIsSaidBack) {
  const auto op = [](std::size_t bytes) {
    return answer_to("{\"op\":\"" + std::string(bytes, 'x') + "\"}");
  };
  EXPECT_EQ(op(32), error(std::string(32, 'x'), "", "unknown op"));
  EXPECT_EQ(op(33), error("", "", "unknown op"));
}

TEST(WebsocketOps, WhatIsNestedTooDeeplyIsNoObjectOfOurs) {
  const std::string deep(5000, '[');
  EXPECT_EQ(answer_to("{\"op\":" + deep + std::string(5000, ']') + "}"),
            error("", "", "the message is not a JSON object"));
}

}  // namespace
}  // namespace comet

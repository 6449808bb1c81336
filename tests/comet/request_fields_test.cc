#include "comet/request_fields.h"

#include <gtest/gtest.h>

#include <string>

namespace comet {
namespace {

http::Request get(std::string_view query) {
  http::Request request;
  request.method = http::Method::kGet;
  request.query = query;
  return request;
}
http::Request post(std::string_view query, std::string_view content_type, std::string_view body) {
  http::Request request = get(query);
  request.method = http::Method::kPost;
  request.content_type = content_type;
  request.body = body;
  return request;
}

TEST(RequestFields, NamesIgnoreCaseAndTheFirstCounts) {
  RequestFields fields;
  ASSERT_FALSE(fields.read(get("CName=a&cname=b&s%65q=3&unknown=%f")));
  EXPECT_EQ(fields.value(Field::kCname), "a");
  EXPECT_EQ(fields.value(Field::kSeq), "3");
  EXPECT_FALSE(fields.has(Field::kCb));
}

TEST(RequestFields, WhatNamesChannelsIsThereAsOftenAsItWasSent) {
  RequestFields fields;
  ASSERT_FALSE(fields.read(get("cname=a&seq=1&cname=b&noop=1&noop=2&seq=%32&cname=c&token=")));
  ASSERT_EQ(fields.repeated(Field::kCname).size(), 2u);
  EXPECT_EQ(fields.repeated(Field::kCname)[0], "b");
  EXPECT_EQ(fields.repeated(Field::kCname)[1], "c");
  ASSERT_EQ(fields.repeated(Field::kSeq).size(), 1u);
  EXPECT_EQ(fields.repeated(Field::kSeq)[0], "2");
  EXPECT_TRUE(fields.repeated(Field::kToken).empty());
  ASSERT_FALSE(fields.read(get("cname=a")));
  EXPECT_TRUE(fields.repeated(Field::kCname).empty());
  std::string many = "cname=first";
  for (std::size_t i = 0; i <= RequestFields::kRepeatsMax; ++i) many.append("&cname=x");
  ASSERT_FALSE(fields.read(get(many)));
  EXPECT_EQ(fields.repeated(Field::kCname).size(), RequestFields::kRepeatsMax);
}

TEST(RequestFields, NothingIsLeftOfTheRequestBefore) {
  RequestFields fields;
  ASSERT_FALSE(fields.read(get("cname=a&cb=f")));
  ASSERT_FALSE(fields.read(get("cname=b")));
  EXPECT_EQ(fields.value(Field::kCname), "b");
  EXPECT_FALSE(fields.has(Field::kCb));
  EXPECT_EQ(fields.value(Field::kCb), "");
}

TEST(RequestFields, TheBodysFieldsWinAndTheQuerysFillIn) {
  RequestFields fields;
  ASSERT_FALSE(fields.read(post("cname=q&seq=1", "", "CNAME=f")));
  EXPECT_EQ(fields.value(Field::kCname), "f");
  EXPECT_EQ(fields.value(Field::kSeq), "1");
  ASSERT_FALSE(fields.read(post("cname=q&seq=1", "application/json", R"({"cname":"j","seq":7})")));
  EXPECT_EQ(fields.value(Field::kCname), "j");
  EXPECT_EQ(fields.number(Field::kSeq, 0), 7);
}

TEST(RequestFields, TheBodyOfAGetIsNobodys) {
  RequestFields fields;
  http::Request request = get("cname=q");
  request.body = "cname=f";
  ASSERT_FALSE(fields.read(request));
  EXPECT_EQ(fields.value(Field::kCname), "q");
}

TEST(RequestFields, NumbersAreWholeSignedAndSaturated) {
  const struct {
    std::string_view text;
    std::optional<std::int64_t> expected;
  } rows[] = {
      {"", 42},
      {"0", 0},
      {"007", 7},
      {"-5", -5},
      {"-", std::nullopt},
      {"1x", std::nullopt},
      {"1%20", std::nullopt},
      {"9223372036854775807", INT64_MAX},
      {"9223372036854775808", INT64_MAX},
      {"-99999999999999999999", -INT64_MAX},
  };
  RequestFields fields;
  for (const auto& row : rows) {
    ASSERT_FALSE(fields.read(get("seq=" + std::string(row.text))));
    EXPECT_EQ(fields.number(Field::kSeq, 42), row.expected) << row.text;
  }
}

TEST(RequestFields, JsonIsReadAgainAndAgain) {
  RequestFields fields;
  for (int i = 0; i < 100; ++i) {
    const std::string body = R"({"cname":"a","content":")" + std::string(1000, 'x') + R"("})";
    ASSERT_FALSE(fields.read(post("", "application/json", body)));
    ASSERT_EQ(fields.value(Field::kContent).size(), 1000u);
    ASSERT_TRUE(fields.read(post("", "application/json", "{\"cname\":")));
  }
}

}  // namespace
}  // namespace comet

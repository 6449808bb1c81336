#include "bench/load/http_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace load {
namespace {

TEST(HttpText, AHeadIsReadOnceItIsWhole) {
  constexpr std::string_view kHead =
      "HTTP/1.1 201 Created\r\nServer: x\r\nCONTENT-length:  12\r\n\r\n";
  for (std::size_t size = 0; size < kHead.size(); ++size) {
    EXPECT_FALSE(read_head(kHead.substr(0, size))) << size;
  }
  for (const std::string_view behind : {"", "body", "\r\n\r\n"}) {
    const auto head = read_head(std::string(kHead) + std::string(behind));
    ASSERT_TRUE(head);
    EXPECT_EQ(head->status, 201);
    EXPECT_EQ(head->bytes, kHead.size());
    EXPECT_EQ(head->content_length, 12u);
  }
}

TEST(HttpText, ALengthIsOnlyWhatIsNamedSo) {
  EXPECT_FALSE(read_head("HTTP/1.1 200 OK\r\n\r\n")->content_length);
  EXPECT_FALSE(read_head("HTTP/1.1 200 OK\r\nX-Content-Length: 5\r\n\r\n")->content_length);
  EXPECT_FALSE(read_head("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n")->content_length);
}

TEST(HttpText, WhatIsNoResponseHasNoStatus) {
  for (const std::string_view text :
       {"\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 OK \r\n\r\n", "HTTP/2 200\r\n\r\n"}) {
    ASSERT_TRUE(read_head(text)) << text;
    EXPECT_EQ(read_head(text)->status, 0) << text;
  }
}

TEST(HttpText, NumbersAreTakenOffTheFront) {
  std::string_view text = "0042,7";
  EXPECT_EQ(take_number(text), 42u);
  EXPECT_EQ(text, ",7");
  EXPECT_FALSE(take_number(text));
  EXPECT_EQ(text, ",7");
  text = "9999999999999999999";
  EXPECT_EQ(take_number(text), 9'999'999'999'999'999'999u);
}

TEST(HttpText, AnExcerptIsOneLine) {
  EXPECT_EQ(excerpt("a\r\nb"), "a  b");
  EXPECT_EQ(excerpt(std::string(100, 'x')), std::string(100, 'x'));
  EXPECT_EQ(excerpt(std::string(101, 'x')), std::string(100, 'x') + "...");
}

}  // namespace
}  // namespace load

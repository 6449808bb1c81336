#include "http/response.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace http {
namespace {

std::string head_of(const ResponseHead& head, std::size_t content_length) {
  std::string out;
  append_head(out, head, content_length);
  return out;
}

std::string chunked_head_of(const ResponseHead& head) {
  std::string out;
  append_chunked_head(out, head);
  return out;
}

TEST(Response, AHeadHasItsHeadersInThisOrder) {
  EXPECT_EQ(head_of({.status = 200,
                     .content_type = "text/plain",
                     .extra_headers = "Cache-Control: no-cache\r\nExpires: 0\r\n",
                     .date = "Sun, 06 Nov 1994 08:49:37 GMT"},
                    12),
            "HTTP/1.1 200 OK\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Type: text/plain\r\n"
            "Content-Length: 12\r\n"
            "Connection: keep-alive\r\n"
            "Cache-Control: no-cache\r\n"
            "Expires: 0\r\n"
            "\r\n");
}

TEST(Response, WhatIsEmptyIsLeftOut) {
  EXPECT_EQ(head_of({}, 0),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST(Response, SaysWhenTheConnectionWillClose) {
  EXPECT_EQ(head_of({.status = 404, .keep_alive = false}, 3),
            "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nConnection: close\r\n\r\n");
}

TEST(Response, TheStatusLineSaysOneDotOneToEverybody) {
  EXPECT_EQ(head_of({.version_minor = 0}, 0),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST(Response, LengthsOfAnySizeAreWritten) {
  EXPECT_NE(head_of({}, SIZE_MAX).find("Content-Length: 18446744073709551615\r\n"),
            std::string::npos);
}

TEST(Response, StatusesWithoutContentHaveNoLength) {
  EXPECT_EQ(head_of({.status = 204}, 0),
            "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(head_of({.status = 304}, 0),
            "HTTP/1.1 304 Not Modified\r\nConnection: keep-alive\r\n\r\n");
}

TEST(Response, AHeadMadeOnceFitsEveryBody) {
  const ResponseHead head{.status = 200,
                          .keep_alive = false,
                          .content_type = "text/plain",
                          .extra_headers = "Expires: 0\r\n",
                          .date = "Sun, 06 Nov 1994 08:49:37 GMT"};
  const HeadOfKnownLength made_once(head);
  for (const std::string& body : {std::string(), std::string("ok\n"), std::string(12'345, 'x')}) {
    std::string expected = "before";
    append_response(expected, head, body);
    std::string out = "before";
    made_once.append_response(out, body);
    EXPECT_EQ(out, expected);
  }
}

TEST(Response, AnEndlessHeadIsChunked) {
  EXPECT_EQ(chunked_head_of({.content_type = "text/event-stream",
                             .extra_headers = "X-Accel-Buffering: no\r\n"}),
            "HTTP/1.1 200 OK\r\n"
            "Content-Type: text/event-stream\r\n"
            "Transfer-Encoding: chunked\r\n"
            "Connection: keep-alive\r\n"
            "X-Accel-Buffering: no\r\n"
            "\r\n");
  EXPECT_EQ(chunked_head_of({.keep_alive = false}),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
}

TEST(Response, AnEndlessHeadOfHttp10IsFramedByClosing) {
  for (const bool keep_alive : {true, false}) {
    EXPECT_EQ(chunked_head_of({.version_minor = 0, .keep_alive = keep_alive}),
              "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
  }
}

TEST(Response, AResponseIsItsHeadAndBody) {
  std::string out = "before";
  append_response(out, {.status = 400, .content_type = "text/plain"}, "seq is not a number\n");
  EXPECT_EQ(out,
            "beforeHTTP/1.1 400 Bad Request\r\n"
            "Content-Type: text/plain\r\n"
            "Content-Length: 20\r\n"
            "Connection: keep-alive\r\n"
            "\r\n"
            "seq is not a number\n");
}

TEST(Response, ABodyIsLeftOutWhereTheStatusAllowsNone) {
  std::string out;
  append_response(out, {.status = 204}, "x");
  EXPECT_EQ(out, "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
}

TEST(Response, ManyResponsesGrowOneStringSeldom) {
  std::string out;
  int growths = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::size_t capacity = out.capacity();
    append_response(out, {}, "{\"type\":\"ok\"}\n");
    if (out.capacity() != capacity) ++growths;
  }
  EXPECT_LT(growths, 20);
}

}  // namespace
}  // namespace http

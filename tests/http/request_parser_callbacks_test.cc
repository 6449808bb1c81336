// Request lines and headers: their limits, each just below, at and just above, and what is found.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "tests/http/parse_outcome.h"

namespace http {
namespace {

using namespace std::literals;
using State = RequestParser::State;

std::string request_with_target(std::size_t size) {
  return "GET /" + std::string(size - 1, 'a') + " HTTP/1.1\r\n\r\n";
}

TEST(RequestParser, LimitsTheTarget) {
  const RequestLimits limits{.target_bytes_max = 20};
  EXPECT_EQ(parse_every_way(request_with_target(19), limits).state, State::kComplete);
  EXPECT_EQ(parse_every_way(request_with_target(20), limits).state, State::kComplete);
  EXPECT_EQ(parse_every_way(request_with_target(21), limits).status, 414);
}

TEST(RequestParser, RefusesATargetAsSoonAsItIsTooLong) {
  const RequestLimits limits{.target_bytes_max = 20};
  RequestParser parser(limits);
  EXPECT_EQ(parser.parse("GET /1234567890123456789").state, State::kNeedMore);
  EXPECT_EQ(parser.parse("x").state, State::kFailed);
  EXPECT_EQ(parser.failure().status, 414);
}

std::string request_with_header_bytes(std::size_t size) {
  return "GET / HTTP/1.1\r\nAbc: d\r\nE: " + std::string(size - 8 - 5, 'f') + "\r\n\r\n";
}

TEST(RequestParser, LimitsTheBytesOfHeaders) {
  const RequestLimits limits{.header_bytes_max = 50};
  EXPECT_EQ(parse_every_way(request_with_header_bytes(49), limits).state, State::kComplete);
  EXPECT_EQ(parse_every_way(request_with_header_bytes(50), limits).state, State::kComplete);
  EXPECT_EQ(parse_every_way(request_with_header_bytes(51), limits).status, 431);
}

TEST(RequestParser, RefusesHeadersAsSoonAsTheyAreTooLarge) {
  const RequestLimits limits{.header_bytes_max = 50};
  for (const std::string_view name : {""sv, "A: "sv}) {
    RequestParser parser(limits);
    std::string head = "GET / HTTP/1.1\r\n" + std::string(name);
    head.append(name.empty() ? 46 : 45, 'a');
    EXPECT_EQ(parser.parse(head).state, State::kNeedMore);
    EXPECT_EQ(parser.parse("a").state, State::kFailed);
    EXPECT_EQ(parser.failure().status, 431);
  }
}

TEST(RequestParser, LimitsTheNumberOfHeaders) {
  const RequestLimits limits{.header_count_max = 3};
  std::string head = "GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\n";
  EXPECT_EQ(parse_every_way(head + "\r\n", limits).state, State::kComplete);
  head += "C: 3\r\n";
  EXPECT_EQ(parse_every_way(head + "\r\n", limits).state, State::kComplete);
  head += "D: 4\r\n";
  EXPECT_EQ(parse_every_way(head + "\r\n", limits).status, 431);
  EXPECT_EQ(parse_whole(head.substr(0, head.size() - 5), limits).status, 431);
}

TEST(RequestParser, CountsTrailerFieldsAsHeaders) {
  const RequestLimits limits{.header_bytes_max = 60, .header_count_max = 3};
  const std::string head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
  EXPECT_EQ(parse_every_way(head + "A: 1\r\nB: 2\r\n\r\n", limits).state, State::kComplete);
  EXPECT_EQ(parse_every_way(head + "A: 1\r\nB: 2\r\nC: 3\r\n\r\n", limits).status, 431);
  EXPECT_EQ(parse_every_way(head + "A: " + std::string(27, 'x') + "\r\n\r\n", limits).state,
            State::kComplete);
  EXPECT_EQ(parse_every_way(head + "A: " + std::string(28, 'x') + "\r\n\r\n", limits).status, 431);
}

TEST(RequestParser, LimitsWhiteSpaceThatIsNotKept) {
  const RequestLimits limits{.target_bytes_max = 20, .header_bytes_max = 50};
  EXPECT_EQ(parse_every_way("GET" + std::string(500, ' ') + "/ HTTP/1.1\r\n\r\n", limits).status,
            414);
  EXPECT_EQ(parse_every_way("GET /" + std::string(500, ' ') + "HTTP/1.1\r\n\r\n", limits).status,
            431);
  EXPECT_EQ(
      parse_every_way("GET / HTTP/1.1\r\nA:" + std::string(500, ' ') + "\r\n\r\n", limits).status,
      431);
}

TEST(RequestParser, TellsMethodsApart) {
  const std::pair<std::string_view, Method> cases[] = {
      {"GET", Method::kGet},         {"HEAD", Method::kHead},  {"POST", Method::kPost},
      {"OPTIONS", Method::kOptions}, {"PUT", Method::kOther},  {"DELETE", Method::kOther},
      {"TRACE", Method::kOther},     {"PATCH", Method::kOther}};
  RequestParser parser(kRoomy);
  for (const auto& [name, method] : cases) {
    parser.reset();
    ASSERT_EQ(parser.parse(std::string(name) + " / HTTP/1.1\r\n\r\n").state, State::kComplete);
    EXPECT_EQ(parser.request().method, method) << name;
    EXPECT_EQ(parser.request().method_name, name);
  }
}

TEST(RequestParser, FindsTheFirstOfRepeatedHeaders) {
  RequestParser parser(kRoomy);
  parser.parse("GET / HTTP/1.1\r\nX-A: 1\r\nx-a: 2\r\nX-AB: 3\r\n\r\n");
  EXPECT_EQ(parser.request().header("x-a"), "1");
  EXPECT_EQ(parser.request().header("x-ab"), "3");
  EXPECT_EQ(parser.request().header("x"), "");
  EXPECT_EQ(parser.request().headers.size(), 3u);
}

TEST(RequestParser, OfSeveralContentTypesAndAcceptsTheFirstCounts) {
  RequestParser parser(kRoomy);
  parser.parse(
      "POST / HTTP/1.1\r\nAccept: a\r\nContent-Type:\r\nAccept: b\r\nContent-Type: c\r\n\r\n");
  EXPECT_EQ(parser.request().accept, "a");
  EXPECT_EQ(parser.request().content_type, "");
}

}  // namespace
}  // namespace http

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

// One byte less than the limit is taken, and the limit; one more is refused with that status.
template <class RequestOfSize>
void expect_limit(std::size_t most, const RequestLimits& limits, RequestOfSize request_of,
                  int status) {
  EXPECT_EQ(parse_every_way(request_of(most - 1), limits).state, State::kComplete);
  EXPECT_EQ(parse_every_way(request_of(most), limits).state, State::kComplete);
  EXPECT_EQ(parse_every_way(request_of(most + 1), limits).status, status);
}

// All of a request's beginning is taken, and what makes it too long is not waited for.
void expect_refused_at(std::string_view too_much, std::string_view beginning,
                       const RequestLimits& limits, int status) {
  RequestParser parser(limits);
  EXPECT_EQ(parser.parse(beginning).state, State::kNeedMore);
  EXPECT_EQ(parser.parse(too_much).state, State::kFailed);
  EXPECT_EQ(parser.failure().status, status);
}

std::string request_with_target(std::size_t size) {
  return "GET /" + std::string(size - 1, 'a') + " HTTP/1.1\r\n\r\n";
}

TEST(RequestParser, LimitsTheTarget) {
  expect_limit(20, {.target_bytes_max = 20}, request_with_target, 414);
}

TEST(RequestParser, RefusesATargetAsSoonAsItIsTooLong) {
  expect_refused_at("x", "GET /1234567890123456789", {.target_bytes_max = 20}, 414);
}

std::string request_with_header_bytes(std::size_t size) {
  return "GET / HTTP/1.1\r\nAbc: d\r\nE: " + std::string(size - 8 - 5, 'f') + "\r\n\r\n";
}

TEST(RequestParser, LimitsTheBytesOfHeaders) {
  expect_limit(50, {.header_bytes_max = 50}, request_with_header_bytes, 431);
}

TEST(RequestParser, RefusesHeadersAsSoonAsTheyAreTooLarge) {
  for (const std::string_view name : {""sv, "A: "sv}) {
    std::string head = "GET / HTTP/1.1\r\n" + std::string(name);
    head.append(name.empty() ? 46 : 45, 'a');
    expect_refused_at("a", head, {.header_bytes_max = 50}, 431);
  }
}

TEST(RequestParser, LimitsTheNumberOfHeaders) {
  const RequestLimits limits{.header_count_max = 3};
  const auto head = [](std::size_t count) {
    std::string bytes = "GET / HTTP/1.1\r\n";
    while (count-- > 0) bytes += "A: 1\r\n";
    return bytes;
  };
  expect_limit(
      3, limits, [&](std::size_t count) { return head(count) + "\r\n"; }, 431);
  expect_refused_at("D", head(3), limits, 431);
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

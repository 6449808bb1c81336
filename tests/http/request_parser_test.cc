#include "http/request_parser.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tests/http/good_requests.h"
#include "tests/http/parse_outcome.h"

namespace http {
namespace {

using namespace std::literals;
using State = RequestParser::State;

TEST(RequestParser, ReadsGoodRequestsHoweverTheyAreCut) {
  for (const GoodCase& good : kGoodCases) {
    SCOPED_TRACE(good.bytes);
    const Outcome outcome = parse_every_way(good.bytes);
    EXPECT_EQ(outcome.state, State::kComplete) << "status " << outcome.status;
    EXPECT_EQ(outcome.consumed, good.bytes.size());
    EXPECT_EQ(outcome.method, good.method);
    EXPECT_EQ(outcome.path, good.path);
    EXPECT_EQ(outcome.query, good.query);
    EXPECT_EQ(outcome.version_minor, good.version_minor);
    EXPECT_EQ(outcome.keep_alive, good.keep_alive);
    EXPECT_EQ(outcome.headers, good.headers);
    EXPECT_EQ(outcome.body, good.body);
  }
}

TEST(RequestParser, LeavesTheBytesAfterARequestAlone) {
  for (const std::string_view next :
       {"GET / HTTP/1.1\r\n\r\n"sv, " "sv, "\r\n"sv, "\0\xff"sv, "\n fold"sv}) {
    for (const GoodCase& good : kGoodCases) {
      const std::string bytes = std::string(good.bytes).append(next);
      SCOPED_TRACE(bytes);
      Outcome expected = parse_whole(good.bytes);
      EXPECT_EQ(parse_every_way(bytes), expected);
    }
  }
}

TEST(RequestParser, WantsMoreUntilTheLastByte) {
  for (const GoodCase& good : kGoodCases) {
    for (std::size_t size = 0; size < good.bytes.size(); ++size) {
      EXPECT_EQ(parse_whole(good.bytes.substr(0, size)).state, State::kNeedMore) << size << " of:\n"
                                                                                 << good.bytes;
    }
  }
}

TEST(RequestParser, ReadsPipelinedRequestsHoweverTheyAreCut) {
  std::string stream;
  for (const GoodCase& good : kGoodCases) stream.append(good.bytes);
  for (const std::size_t size : {std::size_t{1}, std::size_t{5}, std::size_t{64}, stream.size()}) {
    RequestParser parser(kRoomy);
    std::vector<Outcome> outcomes;
    for (std::string_view piece : cut_every(stream, size)) {
      while (!piece.empty()) {
        const RequestParser::Progress progress = parser.parse(piece);
        ASSERT_NE(progress.state, State::kFailed) << parser.failure().reason;
        piece.remove_prefix(progress.consumed);
        if (progress.state != State::kComplete) continue;
        outcomes.push_back(feed(parser, {""}));
        parser.reset();
      }
    }
    ASSERT_EQ(outcomes.size(), std::size(kGoodCases));
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      Outcome expected = parse_whole(kGoodCases[i].bytes);
      expected.consumed = 0;
      EXPECT_EQ(outcomes[i], expected);
    }
  }
}

// Bodies and their limits.

TEST(RequestParser, RefusesAnAnnouncedBodyThatIsTooLargeBeforeItComes) {
  const RequestLimits limits{.body_bytes_max = 20};
  const auto head = [](std::string_view length) {
    return "POST / HTTP/1.1\r\nContent-Length: " + std::string(length) + "\r\n\r\n";
  };
  EXPECT_EQ(parse_every_way(head("19") + std::string(19, 'x'), limits).state, State::kComplete);
  EXPECT_EQ(parse_every_way(head("20") + std::string(20, 'x'), limits).state, State::kComplete);
  EXPECT_EQ(parse_every_way(head("21"), limits).status, 413);
  EXPECT_EQ(parse_every_way(head("18446744073709551615"), limits).status, 413);
}

TEST(RequestParser, RefusesAChunkThatIsTooLargeBeforeItComes) {
  const RequestLimits limits{.body_bytes_max = 20};
  const std::string head =
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n";
  EXPECT_EQ(parse_every_way(head + "9\r\n012345678\r\n0\r\n\r\n", limits).body.size(), 19u);
  EXPECT_EQ(parse_every_way(head + "a\r\n0123456789\r\n0\r\n\r\n", limits).body.size(), 20u);
  EXPECT_EQ(parse_every_way(head + "b\r\n", limits).status, 413);
  EXPECT_EQ(parse_every_way(head + "a\r\n0123456789\r\n1\r\n", limits).status, 413);
}

TEST(RequestParser, TakesABodyInChunksOfOneByte) {
  const RequestLimits limits{.body_bytes_max = 2000};
  std::string bytes = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 2000; ++i) bytes += "1\r\nx\r\n";
  bytes += "0\r\n\r\n";
  EXPECT_EQ(parse_whole(bytes, limits).body, std::string(2000, 'x'));
}

TEST(RequestParser, LimitsWhatIsAroundChunks) {
  const RequestLimits limits{.header_bytes_max = 50, .body_bytes_max = 20};
  const std::string head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(
      parse_every_way(head + "1;" + std::string(22, 'e') + "\r\nx\r\n0\r\n\r\n", limits).state,
      State::kComplete);
  EXPECT_EQ(parse_every_way(head + "1;" + std::string(23, 'e'), limits).status, 413);
  EXPECT_EQ(parse_every_way(head + std::string(2000, '0'), limits).status, 413);
}

TEST(RequestParser, WorksWithLimitsOfZero) {
  const RequestLimits limits{0, 0, 0, 0};
  EXPECT_EQ(parse_every_way("GET / HTTP/1.1\r\n\r\n", limits).status, 414);
  const RequestLimits only_target{1, 0, 0, 0};
  EXPECT_EQ(parse_every_way("GET / HTTP/1.1\r\n\r\n", only_target).state, State::kComplete);
  EXPECT_EQ(parse_every_way("GET / HTTP/1.1\r\nA: b\r\n\r\n", only_target).status, 431);
}

// What the connection asks while a request arrives.

TEST(RequestParser, IsIdleUntilTheFirstByteOfARequest) {
  RequestParser parser(kRoomy);
  EXPECT_TRUE(parser.idle());
  EXPECT_EQ(parser.parse("").consumed, 0u);
  EXPECT_EQ(parser.parse("\r\n\r").consumed, 3u);
  EXPECT_TRUE(parser.idle());
  EXPECT_EQ(parser.parse("\nG").state, State::kNeedMore);
  EXPECT_FALSE(parser.idle());
  EXPECT_EQ(parser.parse("ET / HTTP/1.1\r\n\r\n").state, State::kComplete);
  EXPECT_FALSE(parser.idle());
  parser.reset();
  EXPECT_TRUE(parser.idle());
}

TEST(RequestParser, IsInTheBodyBetweenHeadersAndEnd) {
  for (const std::string_view framing : {"Content-Length: 2"sv, "Transfer-Encoding: chunked"sv}) {
    RequestParser parser(kRoomy);
    parser.parse("POST / HTTP/1.1\r\n");
    parser.parse(framing);
    parser.parse("\r\n\r");
    EXPECT_FALSE(parser.in_body());
    parser.parse("\n");
    EXPECT_TRUE(parser.in_body());
    parser.parse(framing.starts_with('C') ? "a" : "2\r\nab\r\n0\r\n\r");
    EXPECT_TRUE(parser.in_body());
    EXPECT_EQ(parser.parse(framing.starts_with('C') ? "b" : "\n").state, State::kComplete);
    EXPECT_FALSE(parser.in_body());
    EXPECT_EQ(parser.request().body, "ab");
  }
}

TEST(RequestParser, WantsContinueOnceWhenTheBodyIsOutstanding) {
  RequestParser parser(kRoomy);
  for (int round = 0; round < 2; ++round) {
    parser.parse("POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r");
    EXPECT_FALSE(parser.wants_continue());
    parser.parse("\n");
    EXPECT_TRUE(parser.wants_continue());
    EXPECT_FALSE(parser.wants_continue());
    EXPECT_EQ(parser.parse("ab").state, State::kComplete);
    EXPECT_TRUE(parser.request().expects_continue);
    parser.reset();
  }
}

TEST(RequestParser, WantsNoContinueWhereNobodyWaits) {
  for (const std::string_view bytes : {
           "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx"sv,
           "POST / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n"sv,
           "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"sv,
           "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n"sv,
       }) {
    RequestParser parser(kRoomy);
    parser.parse(bytes);
    EXPECT_FALSE(parser.wants_continue()) << bytes;
  }
}

TEST(RequestParser, SaysTheSameUntilReset) {
  RequestParser parser(kRoomy);
  parser.parse("GET /a HTTP/1.1\r\n\r\n");
  EXPECT_EQ(parser.parse("GET /b HTTP/1.1\r\n\r\n").state, State::kComplete);
  EXPECT_EQ(parser.parse("x").consumed, 0u);
  EXPECT_EQ(parser.request().target, "/a");
  parser.reset();
  parser.parse("?");
  EXPECT_EQ(parser.parse("GET / HTTP/1.1\r\n\r\n").state, State::kFailed);
  EXPECT_EQ(parser.failure().status, 400);
  parser.reset();
  EXPECT_EQ(parser.parse("GET / HTTP/1.1\r\n\r\n").state, State::kComplete);
}

TEST(RequestParser, ForgetsTheRequestBefore) {
  RequestParser parser(kRoomy);
  parser.parse(
      "POST /a?b HTTP/1.0\r\nContent-Type: text/plain\r\nAccept: x\r\nContent-Length: 1\r\n\r\nz");
  EXPECT_EQ(parser.request().content_type, "text/plain");
  EXPECT_EQ(parser.request().accept, "x");
  EXPECT_EQ(parser.request().body, "z");
  parser.reset();
  Outcome expected = parse_whole("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(feed(parser, {"GET / HTTP/1.1\r\n\r\n"}), expected);
}

TEST(RequestParser, MovesNoStorageOnceItHasSeenARequestOfTheSize) {
  RequestParser parser(kRoomy);
  const std::string bytes = "POST /push?cname=a HTTP/1.1\r\nHost: h\r\nUser-Agent: x\r\nAccept: *" +
                            std::string("/*\r\nContent-Length: 3000\r\n\r\n") +
                            std::string(3000, 'b');
  parser.parse(bytes);
  const char* const storage = parser.request().storage;
  const HeaderSlice* const headers = parser.request().headers.data();
  for (int round = 0; round < 10; ++round) {
    parser.reset();
    ASSERT_EQ(parser.parse(bytes).state, State::kComplete);
    EXPECT_EQ(parser.request().storage, storage);
    EXPECT_EQ(parser.request().headers.data(), headers);
  }
}

TEST(RequestParser, TakesABodyOfTheLargestSize) {
  RequestParser parser(kRoomy);
  std::string body(kRoomy.body_bytes_max, 'x');
  body.front() = '<';
  body.back() = '>';
  parser.parse("POST / HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  std::string_view rest = body;
  RequestParser::Progress progress;
  while (!rest.empty()) {
    const std::string_view piece = rest.substr(0, 65536);
    progress = parser.parse(piece);
    rest.remove_prefix(piece.size());
  }
  EXPECT_EQ(progress.state, State::kComplete);
  EXPECT_EQ(parser.request().body, body);
}

}  // namespace
}  // namespace http

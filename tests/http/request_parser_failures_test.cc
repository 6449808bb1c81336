// What is no request, and what is said about it.
#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/http/good_requests.h"
#include "tests/http/parse_outcome.h"

namespace http {
namespace {

using namespace std::literals;
using State = RequestParser::State;

struct BadCase {
  std::string_view bytes;
  int status;
};

const BadCase kBadCases[] = {
    // Request lines
    {" GET / HTTP/1.1\r\n\r\n", 400},
    {"\0GET / HTTP/1.1\r\n\r\n"sv, 400},
    {"\x16\x03\x01\x02\x00\x01\xfc\x03\x03"sv, 400},  // a TLS handshake
    {"{\"a\":1}\r\n", 400},
    {"get / HTTP/1.1\r\n\r\n", 501},
    {"FOO / HTTP/1.1\r\n\r\n", 501},
    {"GETX / HTTP/1.1\r\n\r\n", 501},
    {"DESCRIBE / HTTP/1.1\r\n\r\n", 501},
    {"DESCRIBE / RTSP/1.0\r\n\r\n", 501},
    {"GET\r\n\r\n", 400},
    {"GET HTTP/1.1\r\n\r\n", 400},
    {"GET a HTTP/1.1\r\n\r\n", 400},
    {"GET /a b HTTP/1.1\r\n\r\n", 400},
    {"GET /a\tb HTTP/1.1\r\n\r\n", 400},
    {"GET /a\fb HTTP/1.1\r\n\r\n", 400},
    {"GET /a?\x7f HTTP/1.1\r\n\r\n", 400},
    {"GET /\0 HTTP/1.1\r\n\r\n"sv, 400},
    {"GET /?\0 HTTP/1.1\r\n\r\n"sv, 400},
    {"GET /#\1 HTTP/1.1\r\n\r\n"sv, 400},
    {"GET / HTTP/1.1 \r\n\r\n", 400},
    {"GET / HTTP/1.1\r\r\n\r\n", 400},
    {"GET / HTTP/1.x\r\n\r\n", 400},
    {"GET / http/1.1\r\n\r\n", 400},
    {"GET / FTP/1.1\r\n\r\n", 400},
    // Versions
    {"GET /\r\n", 505},
    {"GET /\n", 505},
    {"GET /\r\n\r\n", 505},
    {"GET /\r\nHost: a\r\n\r\n", 505},
    {"GET /\n\0"sv, 505},
    {"GET / HTTP/0.9\r\n\r\n", 505},
    {"GET / HTTP/1.2\r\n\r\n", 505},
    {"GET / HTTP/2.0\r\n\r\n", 505},
    {"GET / HTTP/3.0\r\n\r\n", 505},
    {"GET / HTTP/9.9\r\n\r\n", 505},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"PRI * HTTP/1.1\r\n\r\n", 505},
    // Headers
    {"GET / HTTP/1.1\r\nA\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n: b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n:\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nA : b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nA B: c\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nA\0: b\r\n\r\n"sv, 400},
    {"GET / HTTP/1.1\r\nA: b\0c\r\n\r\n"sv, 400},
    {"GET / HTTP/1.1\r\nA: \1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nA: \x7f\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n\xc3\xa9: b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", 400},  // a bare LF
    {"GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n", 400},  // a bare CR
    {"GET / HTTP/1.1\r\nA: b\r\n\rX", 400},
    {"GET / HTTP/1.1\r\n\rX", 400},
    {"GET / HTTP/1.1\r\n A: b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400},  // folded (RFC 9112 5.2)
    {"GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nA:\r\n c\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nA:\n c\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nA: b\r\n \r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nExpect: a-miracle\r\nContent-Length: 1\r\n\r\nx", 417},
    {"POST / HTTP/1.1\r\nExpect:\r\nContent-Length: 1\r\n\r\nx", 417},
    // Two readings of one body (RFC 9112 6.3, 11.2)
    {"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
    {"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
    {"POST / HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\nabc", 400},
    {"POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc", 400},
    {"POST / HTTP/1.1\r\nContent-Length: -3\r\n\r\nabc", 400},
    {"POST / HTTP/1.1\r\nContent-Length: 0x3\r\n\r\nabc", 400},
    {"POST / HTTP/1.1\r\nContent-Length: 1 2\r\n\r\nabc", 400},
    {"POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nContent-Length : 3\r\n\r\nabc", 400},
    {"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     501},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n", 501},
    // Chunks
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\rXabc\r\n0\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcXY0\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\rX0\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX\n0\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\rX", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n", 400},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", 413},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\nffffffffffffffff\r\n", 413},
};

TEST(RequestParser, RefusesBadRequestsHoweverTheyAreCut) {
  for (const BadCase& bad : kBadCases) {
    SCOPED_TRACE(bad.bytes);
    const Outcome outcome = parse_every_way(bad.bytes);
    EXPECT_EQ(outcome.state, State::kFailed);
    EXPECT_EQ(outcome.status, bad.status);
  }
}

TEST(RequestParser, AgreesWithItselfOnDamagedRequestsHoweverTheyAreCut) {
  std::vector<std::string_view> seeds;
  for (const GoodCase& good : kGoodCases) seeds.push_back(good.bytes);
  for (const BadCase& bad : kBadCases) seeds.push_back(bad.bytes);
  constexpr std::string_view kTricky = "\r\n\t :;,0139afxAZ/?#\0\x01\x7f\xff"sv;
  const RequestLimits limits{
      .target_bytes_max = 30, .header_bytes_max = 90, .header_count_max = 4, .body_bytes_max = 20};
  std::mt19937 random(20240229);
  const auto below = [&random](std::size_t end) { return random() % end; };
  for (int round = 0; round < 20000; ++round) {
    std::string bytes(seeds[below(seeds.size())]);
    bytes.append(seeds[below(seeds.size())]);
    for (std::size_t damage = below(4); damage > 0; --damage) {
      const std::size_t at = below(bytes.size());
      switch (below(3)) {
        case 0:
          bytes[at] = kTricky[below(kTricky.size())];
          break;
        case 1:
          bytes.insert(at, 1, kTricky[below(kTricky.size())]);
          break;
        default:
          bytes.erase(at, 1 + below(4));
          break;
      }
      if (bytes.empty()) bytes = "x";
    }
    const Outcome whole = parse_whole(bytes, limits);
    std::vector<std::string_view> pieces;
    for (std::string_view rest = bytes; !rest.empty();) {
      const std::size_t size = 1 + below(rest.size() < 12 ? rest.size() : std::size_t{12});
      pieces.push_back(rest.substr(0, size));
      rest.remove_prefix(size);
    }
    RequestParser parser(limits);
    Outcome cut = feed(parser, pieces);
    // A name that is too long and has a bad byte, say, may be refused for either.
    const auto is_head_fault = [](int status) {
      return status == 400 || status == 414 || status == 431;
    };
    if (is_head_fault(cut.status) && is_head_fault(whole.status)) cut.status = whole.status;
    ASSERT_EQ(cut, whole) << "round " << round << ":\n" << testing::PrintToString(bytes);
  }
}

}  // namespace
}  // namespace http

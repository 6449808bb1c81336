#include "http/request_parser.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {
namespace {

using namespace std::literals;
using State = RequestParser::State;

constexpr RequestLimits kRoomy;

// Everything a caller can see of what became of some bytes, as values.
struct Outcome {
  State state = State::kNeedMore;
  std::size_t consumed = 0;  // not of failures: nothing after one is read
  int status = 0;
  std::string method;
  std::string target;
  std::string path;
  std::string query;
  int version_minor = 1;
  bool keep_alive = false;
  std::string headers;  // "name=value;"
  std::string content_type;
  std::string accept;
  std::string body;

  bool operator==(const Outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& o) {
  return out << "state " << static_cast<int>(o.state) << " consumed " << o.consumed << " status "
             << o.status << " " << o.method << " [" << o.target << "] path [" << o.path
             << "] query [" << o.query << "] 1." << o.version_minor << " keep " << o.keep_alive
             << " headers [" << o.headers << "] body [" << o.body << "]";
}

// Feeds bytes in the given pieces, each from a buffer of its own that is gone afterwards, so that
// the sanitizer sees a view into input that was kept, or a look beyond a piece.
Outcome feed(RequestParser& parser, const std::vector<std::string_view>& pieces) {
  Outcome outcome;
  for (const std::string_view piece : pieces) {
    const std::unique_ptr<char[]> copy(new char[piece.size()]);
    piece.copy(copy.get(), piece.size());
    const RequestParser::Progress progress = parser.parse({copy.get(), piece.size()});
    EXPECT_LE(progress.consumed, piece.size());
    outcome.state = progress.state;
    outcome.consumed += progress.consumed;
    if (progress.state != State::kNeedMore) break;
    EXPECT_EQ(progress.consumed, piece.size());
  }
  if (outcome.state == State::kFailed) {
    outcome.consumed = 0;
    outcome.status = parser.failure().status;
    EXPECT_FALSE(parser.failure().reason.empty());
    EXPECT_EQ(parser.failure().reason.find('\n'), std::string_view::npos);
  }
  if (outcome.state == State::kComplete) {
    const Request& request = parser.request();
    outcome.method = request.method_name;
    outcome.target = request.target;
    outcome.path = request.path;
    outcome.query = request.query;
    outcome.version_minor = request.version_minor;
    outcome.keep_alive = request.keep_alive;
    outcome.content_type = request.content_type;
    outcome.accept = request.accept;
    outcome.body = request.body;
    for (const HeaderSlice& header : request.headers) {
      outcome.headers.append(request.name_of(header)).append("=");
      outcome.headers.append(request.value_of(header)).append(";");
    }
  }
  return outcome;
}

Outcome parse_whole(std::string_view bytes, const RequestLimits& limits = kRoomy) {
  RequestParser parser(limits);
  return feed(parser, {bytes});
}

std::vector<std::string_view> cut_every(std::string_view bytes, std::size_t size) {
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < bytes.size(); at += size) pieces.push_back(bytes.substr(at, size));
  return pieces;
}

// The outcome of the bytes as a whole, after making sure that every way to cut them has the same.
Outcome parse_every_way(std::string_view bytes, const RequestLimits& limits = kRoomy) {
  const Outcome whole = parse_whole(bytes, limits);
  RequestParser reused(limits);
  for (std::size_t split = 0; split <= bytes.size(); ++split) {
    reused.reset();
    EXPECT_EQ(feed(reused, {bytes.substr(0, split), bytes.substr(split)}), whole)
        << "split at " << split << " of:\n"
        << bytes;
  }
  for (const std::size_t size : {1u, 2u, 3u, 7u, 16u}) {
    reused.reset();
    EXPECT_EQ(feed(reused, cut_every(bytes, size)), whole) << "pieces of " << size << ":\n"
                                                           << bytes;
  }
  return whole;
}

struct GoodCase {
  std::string_view bytes;
  std::string_view method;
  std::string_view path;
  std::string_view query;
  int version_minor;
  bool keep_alive;
  std::string_view headers;
  std::string_view body;
};

const GoodCase kGoodCases[] = {
    // Request lines
    {"GET / HTTP/1.1\r\n\r\n", "GET", "/", "", 1, true, "", ""},
    {"GET /poll?cname=a&seq=1 HTTP/1.1\r\nHost: h\r\n\r\n", "GET", "/poll", "cname=a&seq=1", 1,
     true, "host=h;", ""},
    {"GET /a?b?c=d HTTP/1.1\r\n\r\n", "GET", "/a", "b?c=d", 1, true, "", ""},
    {"GET /a? HTTP/1.1\r\n\r\n", "GET", "/a", "", 1, true, "", ""},
    {"GET /a#b?c HTTP/1.1\r\n\r\n", "GET", "/a", "", 1, true, "", ""},
    {"GET /a?b#c HTTP/1.1\r\n\r\n", "GET", "/a", "b", 1, true, "", ""},
    {"GET //a/../b HTTP/1.1\r\n\r\n", "GET", "//a/../b", "", 1, true, "", ""},
    {"GET /?u=http://x/y HTTP/1.1\r\n\r\n", "GET", "/", "u=http://x/y", 1, true, "", ""},
    {"GET /\xe4\xb8\xad?c=\xe6\x96\x87 HTTP/1.1\r\n\r\n", "GET", "/\xe4\xb8\xad", "c=\xe6\x96\x87",
     1, true, "", ""},
    {"GET http://h:80/p?q HTTP/1.1\r\n\r\n", "GET", "/p", "q", 1, true, "", ""},
    {"GET http://h HTTP/1.1\r\n\r\n", "GET", "/", "", 1, true, "", ""},
    {"GET http://h?q=/x HTTP/1.1\r\n\r\n", "GET", "/", "q=/x", 1, true, "", ""},
    {"OPTIONS * HTTP/1.1\r\n\r\n", "OPTIONS", "*", "", 1, true, "", ""},
    {"HEAD /a HTTP/1.1\r\n\r\n", "HEAD", "/a", "", 1, true, "", ""},
    {"PATCH /a HTTP/1.1\r\n\r\n", "PATCH", "/a", "", 1, true, "", ""},
    {"M-SEARCH /a HTTP/1.1\r\n\r\n", "M-SEARCH", "/a", "", 1, true, "", ""},
    // Versions and connections (RFC 9112 9.3)
    {"GET / HTTP/1.0\r\n\r\n", "GET", "/", "", 0, false, "", ""},
    {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET", "/", "", 0, true,
     "connection=Keep-Alive;", ""},
    {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", "GET", "/", "", 0, false,
     "connection=keep-alive, close;", ""},
    {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "GET", "/", "", 1, false, "connection=close;",
     ""},
    {"GET / HTTP/1.1\r\nConnection: x, CLOSE\r\n\r\n", "GET", "/", "", 1, false,
     "connection=x, CLOSE;", ""},
    {"GET / HTTP/1.1\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n", "GET", "/", "", 1,
     false, "connection=close;connection=keep-alive;", ""},
    {"GET / HTTP/1.1\r\nConnection: closed\r\n\r\n", "GET", "/", "", 1, true, "connection=closed;",
     ""},
    // Headers
    {"GET / HTTP/1.1\r\nA:b\r\nC: \t d \t\r\nE:\r\nF:  \r\n\r\n", "GET", "/", "", 1, true,
     "a=b;c=d;e=;f=;", ""},
    {"GET / HTTP/1.1\r\nX-Some: a: b\r\nx-some: c\r\n\r\n", "GET", "/", "", 1, true,
     "x-some=a: b;x-some=c;", ""},
    {"GET / HTTP/1.1\r\nA: \xc3\xa9\xff\r\n\r\n", "GET", "/", "", 1, true, "a=\xc3\xa9\xff;", ""},
    {"GET / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n", "GET", "/", "", 1, true,
     "expect=100-continue;", ""},
    {"GET / HTTP/1.0\r\nExpect: anything\r\n\r\n", "GET", "/", "", 0, false, "expect=anything;",
     ""},
    // What llhttp takes in good part
    {"\r\n\n\r\nGET / HTTP/1.1\r\n\r\n", "GET", "/", "", 1, true, "", ""},
    {"GET  /  HTTP/1.1\r\n\r\n", "GET", "/", "", 1, true, "", ""},
    {"GET / HTTP/1.0\n\n", "GET", "/", "", 0, false, "", ""},
    // No switching of protocols
    {"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "GET", "/", "", 1, true,
     "connection=Upgrade;upgrade=websocket;", ""},
    {"POST / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nab",
     "POST", "/", "", 1, true, "connection=Upgrade;upgrade=h2c;content-length=2;", "ab"},
    {"CONNECT a.b:80 HTTP/1.1\r\n\r\n", "CONNECT", "a.b:80", "", 1, true, "", ""},
    {"CONNECT a.b:80 HTTP/1.1\r\nContent-Length: 2\r\n\r\nab", "CONNECT", "a.b:80", "", 1, true,
     "content-length=2;", "ab"},
    // Bodies
    {"POST /push HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", "POST", "/push", "", 1, true,
     "content-length=5;", "hello"},
    {"POST /push HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "POST", "/push", "", 1, true,
     "content-length=0;", ""},
    {"POST /push HTTP/1.1\r\nContent-Length: 005 \r\n\r\nhello", "POST", "/push", "", 1, true,
     "content-length=005;", "hello"},
    {"POST /push HTTP/1.1\r\n\r\n", "POST", "/push", "", 1, true, "", ""},
    {"GET /push HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "GET", "/push", "", 1, true,
     "content-length=3;", "abc"},
    {"POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc", "POST", "/", "", 0, false,
     "content-length=3;", "abc"},
    {"POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\n\0\r\n\r\n\xff"sv, "POST", "/", "", 1, true,
     "content-length=6;", "\0\r\n\r\n\xff"sv},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "POST", "/", "", 1, true,
     "transfer-encoding=chunked;", ""},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: Chunked \r\n\r\n"
     "3\r\nabc\r\n00A\r\n0123456789\r\n1\r\n\0\r\n0\r\n\r\n"sv,
     "POST", "/", "", 1, true, "transfer-encoding=Chunked;", "abc0123456789\0"sv},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\n\r\n\r\n0;z\r\n\r\n", "POST",
     "/", "", 1, true, "transfer-encoding=chunked;", "\r\n"},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n1\r\nx\r\n0\r\n"
     "A: c\r\nHost: evil\r\nContent-Length: 7\r\nConnection: close\r\n\r\n",
     "POST", "/", "", 1, true, "transfer-encoding=chunked;a=b;", "x"},
    {"POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
     "1\r\nx\r\n0\r\n\r\n",
     "POST", "/", "", 0, false, "connection=keep-alive;transfer-encoding=chunked;", "x"},
};

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

// Limits, each just below, at and just above.

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

// What became of bytes that a parser of requests was given, whole or in pieces.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "http/request_parser.h"

namespace http {

inline constexpr RequestLimits kRoomy;

// Everything a caller can see of what became of some bytes, as values.
struct Outcome {
  RequestParser::State state = RequestParser::State::kNeedMore;
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

inline std::ostream& operator<<(std::ostream& out, const Outcome& o) {
  return out << "state " << static_cast<int>(o.state) << " consumed " << o.consumed << " status "
             << o.status << " " << o.method << " [" << o.target << "] path [" << o.path
             << "] query [" << o.query << "] 1." << o.version_minor << " keep " << o.keep_alive
             << " headers [" << o.headers << "] body [" << o.body << "]";
}

// Feeds bytes in the given pieces, each from a buffer of its own that is gone afterwards, so that
// the sanitizer sees a view into input that was kept, or a look beyond a piece.
inline Outcome feed(RequestParser& parser, const std::vector<std::string_view>& pieces) {
  Outcome outcome;
  for (const std::string_view piece : pieces) {
    const std::unique_ptr<char[]> copy(new char[piece.size()]);
    piece.copy(copy.get(), piece.size());
    const RequestParser::Progress progress = parser.parse({copy.get(), piece.size()});
    EXPECT_LE(progress.consumed, piece.size());
    outcome.state = progress.state;
    outcome.consumed += progress.consumed;
    if (progress.state != RequestParser::State::kNeedMore) break;
    EXPECT_EQ(progress.consumed, piece.size());
  }
  if (outcome.state == RequestParser::State::kFailed) {
    outcome.consumed = 0;
    outcome.status = parser.failure().status;
    EXPECT_FALSE(parser.failure().reason.empty());
    EXPECT_EQ(parser.failure().reason.find('\n'), std::string_view::npos);
  }
  if (outcome.state == RequestParser::State::kComplete) {
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

inline Outcome parse_whole(std::string_view bytes, const RequestLimits& limits = kRoomy) {
  RequestParser parser(limits);
  return feed(parser, {bytes});
}

inline std::vector<std::string_view> cut_every(std::string_view bytes, std::size_t size) {
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < bytes.size(); at += size) pieces.push_back(bytes.substr(at, size));
  return pieces;
}

// The outcome of the bytes as a whole, after making sure that every way to cut them has the same.
inline Outcome parse_every_way(std::string_view bytes, const RequestLimits& limits = kRoomy) {
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

}  // namespace http

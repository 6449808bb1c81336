// Requests as clients send them, and one that is parsed already.
//
// For benchmarks and perf/instructions. What is measured should be what arrives: the bytes of wrk,
// of a browser's EventSource, and of a poll's next request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/request_parser.h"
#include "reactor/check.h"

namespace bench {

// What wrk sends for /push?cname=news&content=hello%20world.
inline constexpr std::string_view kPushOfWrk =
    "GET /push?cname=news&content=hello%20world HTTP/1.1\r\n"
    "Host: 127.0.0.1:8000\r\n"
    "\r\n";

inline constexpr std::string_view kStreamOfCurl =
    "GET /stream?cname=news&seq=1 HTTP/1.1\r\n"
    "Host: 127.0.0.1:8100\r\n"
    "User-Agent: curl/7.88.1\r\n"
    "Accept: */*\r\n"
    "\r\n";

// An EventSource in a browser, behind a site that sets cookies.
inline constexpr std::string_view kSseOfBrowser =
    "GET /sse?cname=news&seq=0 HTTP/1.1\r\n"
    "Host: push.example.org\r\n"
    "Connection: keep-alive\r\n"
    "sec-ch-ua: \"Chromium\";v=\"124\", \"Not-A.Brand\";v=\"99\"\r\n"
    "Accept: text/event-stream\r\n"
    "Cache-Control: no-cache\r\n"
    "sec-ch-ua-mobile: ?0\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/124.0.0.0 Safari/537.36\r\n"
    "sec-ch-ua-platform: \"Linux\"\r\n"
    "Origin: https://www.example.org\r\n"
    "Sec-Fetch-Site: same-site\r\n"
    "Sec-Fetch-Mode: cors\r\n"
    "Sec-Fetch-Dest: empty\r\n"
    "Referer: https://www.example.org/news/today\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-US,en;q=0.9,de;q=0.8\r\n"
    "Cookie: session=2b7e151628aed2a6abf7158809cf4f3c; theme=dark; consent=all\r\n"
    "\r\n";

// A message's content in most measurements: 100 bytes, nothing to escape.
inline constexpr std::string_view kContent =
    "The quick brown fox jumps over the lazy dog, and the dog, being lazy, "
    "lets it pass without a word...";
static_assert(kContent.size() == 100);

// A push of any content that needs no encoding but of blanks.
inline std::string push_request(std::string_view cname, std::string_view content) {
  std::string request = "GET /push?cname=";
  request.append(cname).append("&content=");
  for (const char c : content) {
    if (c == ' ') {
      request.append("%20");
    } else {
      request.push_back(c);
    }
  }
  return request.append(" HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n");
}

// The request with which a poll goes on from `seq`.
inline std::string poll_request(std::string_view cname, std::uint64_t seq) {
  std::string request = "GET /poll?cname=";
  request.append(cname).append("&seq=").append(std::to_string(seq));
  return request.append(" HTTP/1.1\r\nHost: 127.0.0.1:8100\r\n\r\n");
}

// A request with the parser that holds it.
class ParsedRequest {
 public:
  explicit ParsedRequest(std::string_view text) {
    const auto progress = parser_.parse(text);
    CHECK(progress.state == http::RequestParser::State::kComplete);
  }
  const http::Request& operator*() const { return parser_.request(); }

 private:
  http::RequestLimits limits_;
  http::RequestParser parser_{limits_};
};

}  // namespace bench

#include "http/request_parser.h"

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "bench/support/requests.h"
#include "reactor/check.h"

namespace {

using State = http::RequestParser::State;

// An iteration: all requests in `bytes`, which arrive in pieces of at most `piece` bytes.
void parse(benchmark::State& state, std::string_view bytes,
           std::size_t piece = std::string_view::npos) {
  const http::RequestLimits limits;
  http::RequestParser parser(limits);
  std::int64_t requests = 0;
  for (auto _ : state) {
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const auto progress = parser.parse(rest.substr(0, piece));
      CHECK(progress.state != State::kFailed);
      rest.remove_prefix(progress.consumed);
      if (progress.state != State::kComplete) continue;
      benchmark::DoNotOptimize(parser.request().path.data());
      parser.reset();
      ++requests;
    }
  }
  CHECK(parser.idle() && requests > 0);
  state.SetItemsProcessed(requests);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

void request_parser_push_of_wrk(benchmark::State& state) { parse(state, bench::kPushOfWrk); }
BENCHMARK(request_parser_push_of_wrk);

void request_parser_sse_of_browser(benchmark::State& state) { parse(state, bench::kSseOfBrowser); }
BENCHMARK(request_parser_sse_of_browser);

// 40 requests in one read, as a publisher that does not wait for answers sends them.
void request_parser_pipelined(benchmark::State& state) {
  std::string bytes;
  for (int i = 0; i < 40; ++i) bytes += bench::push_request("news", bench::kContent);
  parse(state, bytes);
}
BENCHMARK(request_parser_pipelined);

// A browser's request in two segments.
void request_parser_cut_in_two(benchmark::State& state) {
  parse(state, bench::kSseOfBrowser, bench::kSseOfBrowser.size() / 2 + 1);
}
BENCHMARK(request_parser_cut_in_two);

void request_parser_posted_form(benchmark::State& state) {
  const std::string body = "cname=news&content=" + std::string(1000, 'x');
  const std::string request =
      "POST /push HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"
      "Content-Type: application/x-www-form-urlencoded\r\n"
      "Content-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  parse(state, request);
}
BENCHMARK(request_parser_posted_form);

}  // namespace

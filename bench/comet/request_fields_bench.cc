#include "comet/request_fields.h"

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "bench/support/requests.h"

namespace {

// An iteration: the parameters of one parsed request.
void read(benchmark::State& state, std::string_view text) {
  const bench::ParsedRequest request(text);
  comet::RequestFields fields;
  for (auto _ : state) {
    CHECK(!fields.read(*request));
    benchmark::DoNotOptimize(fields.value(comet::Field::kCname).data());
  }
  state.SetItemsProcessed(state.iterations());
}

void request_fields_of_push(benchmark::State& state) { read(state, bench::kPushOfWrk); }
BENCHMARK(request_fields_of_push);

void request_fields_of_poll(benchmark::State& state) {
  read(state, bench::poll_request("news", 1'000'000));
}
BENCHMARK(request_fields_of_poll);

void request_fields_of_json_body(benchmark::State& state) {
  const std::string body = R"({"cname":"news","content":"hello world"})";
  read(state,
       "POST /push HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nContent-Type: application/json\r\n"
       "Content-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body);
}
BENCHMARK(request_fields_of_json_body);

}  // namespace

// Parsing, decoding, escaping, rendering.
#include <string>
#include <string_view>

#include "bench/support/one_core.h"
#include "bench/support/requests.h"
#include "comet/history.h"
#include "comet/request_fields.h"
#include "comet/transport.h"
#include "http/json.h"
#include "http/query.h"
#include "http/request_parser.h"
#include "perf/paths/paths.h"
#include "reactor/check.h"

namespace perf {
namespace {

using comet::Transport;

void parse(Meter& meter, std::string_view bytes) {
  const http::RequestLimits limits;
  http::RequestParser parser(limits);
  meter.each([&] {
    const auto progress = parser.parse(bytes);
    CHECK(progress.state == http::RequestParser::State::kComplete);
    keep(parser.request());
    parser.reset();
  });
}
void parse_push(Meter& meter) { parse(meter, bench::kPushOfWrk); }
void parse_sse(Meter& meter) { parse(meter, bench::kSseOfBrowser); }

void decode_content(Meter& meter) {
  const std::string request = bench::push_request("news", bench::kContent);
  constexpr std::string_view kBefore = "content=";
  const std::size_t begin = request.find(kBefore) + kBefore.size();
  const std::string encoded = request.substr(begin, request.find(' ', begin) - begin);
  std::string out;
  meter.each([&] {
    CHECK(http::decode_component(encoded, out));
    keep(out);
  });
  CHECK(out == bench::kContent);
}

void read_fields(Meter& meter) {
  const bench::ParsedRequest request(bench::kPushOfWrk);
  comet::RequestFields fields;
  meter.each([&] {
    CHECK(!fields.read(*request));
    keep(fields);
  });
}

void escape(Meter& meter, std::string_view raw) {
  std::string out;
  meter.each([&] {
    out.clear();
    http::append_json_escaped(out, raw);
    keep(out);
  });
}
void escape_clean(Meter& meter) { escape(meter, bench::kContent); }
void escape_object(Meter& meter) {
  escape(meter, R"({"user":"anna","room":"lobby","text":"hello","at":1700000000,"read":false})");
}

void render(Meter& meter, Transport transport) {
  const comet::MessageRef message = bench::message();
  const std::string name = comet::escaped_name(transport, "news");
  std::string out;
  meter.each([&] {
    out.clear();
    comet::append_message(out, {transport, true}, name, 123'456, *message);
    keep(out);
  });
}
void render_stream(Meter& meter) { render(meter, Transport::kStream); }
void render_sse(Meter& meter) { render(meter, Transport::kSse); }
void render_iframe(Meter& meter) { render(meter, Transport::kIframe); }

void render_poll(Meter& meter) {
  comet::History history(123'456);
  history.append(bench::message());
  const std::string name = comet::escaped_name(Transport::kPoll, "news");
  const comet::PollWrap wrap{true, "icomet_cb"};
  std::string out;
  meter.each([&] {
    out.clear();
    comet::append_poll_messages(out, wrap, name, history, history.begin(), comet::PollForm::kLive);
    keep(out);
  });
}

constexpr Path kPaths[] = {
    {"parse-push", parse_push, 300, 1, "parse what wrk sends for a push"},
    {"parse-sse", parse_sse, 100, 1, "parse what a browser sends for /sse"},
    {"decode-content", decode_content, 300, 1, "decode 100 bytes of a query, some of them as %20"},
    {"read-fields", read_fields, 300, 1, "the parameters of a parsed push"},
    {"escape-clean", escape_clean, 300, 1, "escape 100 bytes that need it nowhere"},
    {"escape-object", escape_object, 300, 1, "escape 74 bytes of JSON"},
    {"render-stream", render_stream, 300, 1, "a message of 100 bytes"},
    {"render-sse", render_sse, 300, 1, "the same"},
    {"render-iframe", render_iframe, 300, 1, "the same"},
    {"render-poll", render_poll, 300, 1, "the same, the body of an answer"},
};

}  // namespace

std::span<const Path> paths_of_bytes() { return kPaths; }

}  // namespace perf

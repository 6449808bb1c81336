// What clients send, with everything behind it but sockets: parser, Front, Admin, a hub.
//
// The first byte chooses the port (bit 0) and into how many bytes at a time the rest is cut. How
// the bytes are cut must not matter, and what comes back must be responses of HTTP.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "comet/admin.h"
#include "comet/front.h"
#include "http/request_parser.h"
#include "http/response.h"
#include "tests/fuzz/response_check.h"
#include "tests/fuzz/target.h"
#include "tests/support/hub_world.h"
#include "tests/support/transcript.h"

namespace {

using comet::Framing;
using comet::Port;
using comet::Reply;
using http::RequestParser;

// A request as one string, to be compared.
std::string summary(const http::Request& request) {
  std::string text(request.method_name);
  for (const std::string_view part : {request.target, request.path, request.query,
                                      request.content_type, request.accept, request.body}) {
    text.append("\n").append(std::to_string(part.size())).append(" ").append(part);
  }
  for (const http::HeaderSlice& header : request.headers) {
    text.append("\n").append(request.name_of(header)).append(": ").append(request.value_of(header));
  }
  text.append(request.keep_alive ? "\nkeep " : "\nclose ");
  text.append(std::to_string(request.version_minor));
  return text;
}

// A server of one core that answers at once, and one connection to it.
class Server {
 public:
  explicit Server(Port port) : world_(support::hub_settings()), port_(port) {
    limits_.target_bytes_max = 512;
    limits_.header_bytes_max = 1024;
    limits_.header_count_max = 10;
    limits_.body_bytes_max = 1024;
    config_.limits.content_bytes = 512;
    world_.wire().on_answer = [this](const comet::Answer& answer) { answer_ = answer; };
  }

  // All requests in `bytes`, given `step` bytes at a time. Returns what was understood.
  std::vector<std::string> feed(std::string_view bytes, std::size_t step) {
    std::vector<std::string> understood;
    RequestParser parser(limits_);
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, step);
      const RequestParser::Progress progress = parser.parse(piece);
      CHECK(progress.consumed <= piece.size());
      bytes.remove_prefix(progress.consumed);
      if (progress.state == RequestParser::State::kFailed) {
        const http::Failure failure = parser.failure();
        CHECK(failure.status >= 400 && failure.status < 600);
        understood.push_back("refused");
        answer(Reply::error(failure.status, failure.reason), false);
        break;
      }
      if (progress.state == RequestParser::State::kNeedMore) {
        CHECK(progress.consumed == piece.size());
        (void)parser.wants_continue();
        continue;
      }
      understood.push_back(summary(parser.request()));
      dispatch(parser.request());
      if (speaks_websocket_) break;
      parser.reset();
    }
    world_.settle();
    world_.validate();
    check_subscribers();
    CHECK(!testing::Test::HasFailure());
    return understood;
  }

 private:
  struct Listener {
    std::uint32_t session;
    Framing framing;
  };

  void dispatch(const http::Request& request) {
    if (port_ == Port::kFront) {
      comet::FrontAction action = front_.handle(request);
      if (auto* reply = std::get_if<Reply>(&action)) {
        answer(*reply, request.method == http::Method::kHead);
      } else if (auto* opening = std::get_if<comet::WebsocketOpening>(&action)) {
        open(*opening);
      } else {
        subscribe(std::move(std::get<comet::SubscribeRequest>(action)));
      }
      return;
    }
    comet::AdminQuestion remembered;
    comet::AdminAction action = admin_.handle(request, remembered);
    answer_.reset();
    if (auto* reply = std::get_if<Reply>(&action)) {
      answer(*reply, request.method == http::Method::kHead);
    } else if (auto* tail = std::get_if<comet::SubscribeRequest>(&action)) {
      subscribe(std::move(*tail));
    } else if (const auto* watch = std::get_if<comet::WatchPresence>(&action)) {
      listeners_.push_back({world_.watch_presence(0, support::kEverything, watch->events),
                            {comet::Transport::kPresence, true}});
    } else if (auto* push = std::get_if<std::unique_ptr<comet::PushBatch>>(&action)) {
      push_many(remembered, **push);
    } else if (auto* command = std::get_if<comet::Command>(&action)) {
      world_.hub().command(std::move(*command));
    } else if (auto* order = std::get_if<comet::BroadcastOrder>(&action)) {
      world_.hub().broadcast({}, std::move(order->message));
    } else if (auto* question = std::get_if<comet::CoresQuestion>(&action)) {
      world_.hub().ask_cores({}, std::move(question->question));
    }
    if (answer_) answer(admin_.reply(remembered, *answer_), false);
  }

  // What follows are frames: see websocket_fuzz.cc.
  void open(const comet::WebsocketOpening& opening) {
    std::string head;
    http::append_websocket_head(head, opening.handshake, {}, "now");
    CHECK(head.starts_with("HTTP/1.1 101 "));
    CHECK(head.find("\r\n\r\n") == head.size() - 4);
    speaks_websocket_ = true;
  }

  void push_many(const comet::AdminQuestion& question, comet::PushBatch& push) {
    comet::PushBatch::Reading reading = comet::PushBatch::Reading::kMore;
    while (reading == comet::PushBatch::Reading::kMore) reading = push.read_some();
    if (reading == comet::PushBatch::Reading::kRefused) {
      answer(push.refusal(), false);
      return;
    }
    world_.wire().on_pushed = [&push](std::size_t core, const comet::PushReport& report) {
      push.add(core, report);
    };
    world_.hub().push({}, push.take_orders(1));
    world_.settle();
    CHECK(push.is_answered());
    answer(comet::Admin::reply(question, push), false);
  }

  void subscribe(comet::SubscribeRequest&& request) {
    const Framing framing = request.framing;
    listeners_.push_back({world_.subscribe(std::move(request)), framing});
  }

  // As Worker renders it.
  void answer(const Reply& reply, bool head_only) {
    http::ResponseHead head;
    head.status = reply.status;
    head.content_type = reply.content_type;
    head.extra_headers = reply.headers;
    std::string response;
    if (head_only) {
      http::append_head(response, head, reply.body.size());
    } else {
      http::append_response(response, head, reply.body);
    }
    fuzz::check_response(response, !head_only);
    if (reply.status >= 400) CHECK(reply.body.find('\n') == reply.body.size() - 1);
    if (reply.content_type == comet::kJson) fuzz::check_json_body(reply.body);
  }

  // What everybody got is of their transport's form.
  void check_subscribers() {
    for (const Listener& listener : listeners_) {
      const support::MemorySession& session = world_.session(listener.session);
      if (session.received.empty()) continue;
      // A channel that /tail does not find.
      if (!session.received.starts_with("HTTP/1.1 200")) {
        fuzz::check_response(session.received, true);
        continue;
      }
      const support::Transcript transcript =
          listener.framing.transport == comet::Transport::kPoll
              ? support::read_poll(session.received)
              : support::read_endless(session.received, listener.framing);
      CHECK(transcript.error.empty());
      CHECK(transcript.tail.empty());
      fuzz::check_response(session.received, listener.framing.transport == comet::Transport::kPoll);
    }
  }

  http::RequestLimits limits_;
  comet::Config config_;
  comet::NameHash hash_{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  support::HubWorld world_;
  Port port_;
  comet::Front front_{config_, hash_};
  comet::Admin admin_{config_, hash_};
  std::optional<comet::Answer> answer_;
  bool speaks_websocket_ = false;
  std::vector<Listener> listeners_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Port port = data[0] % 2 == 0 ? Port::kFront : Port::kAdmin;
  const std::size_t step = 1 + data[0] / 2 % 16;
  const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
  const auto whole = Server(port).feed(bytes, bytes.size());
  const auto cut = Server(port).feed(bytes, step);
  CHECK(whole == cut);
  return 0;
}

#include "comet/admin.h"

#include <fmt/format.h>

#include "comet/web_assets.h"
#include "http/json.h"
#include "http/utf8.h"
#include "reactor/check.h"

namespace comet {
namespace {

std::string json(std::string_view text) {
  std::string escaped;
  http::append_json_escaped(escaped, text);
  return escaped;
}

Reply wrapped(const AdminQuestion& question, std::string_view object) {
  Reply reply;
  if (question.callback.empty()) {
    reply.content_type = kJson;
    reply.body.append(object).push_back('\n');
  } else {
    reply.content_type = kJavaScript;
    reply.body.append(question.callback).append("(").append(object).append(");\n");
  }
  return reply;
}

Reply text(std::string body) {
  Reply reply;
  reply.body = std::move(body);
  return reply;
}

Reply json_line(std::string body) {
  Reply reply;
  reply.content_type = kJson;
  reply.body = std::move(body);
  return reply;
}

// Nothing was done, and the same may succeed a little later.
Reply not_now(std::string_view sentence) {
  Reply reply = Reply::error(503, sentence);
  reply.headers = "Retry-After: 1\r\n";
  return reply;
}

Command::Verb verb_of(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::kSign:
      return Command::Verb::kSign;
    case Endpoint::kClose:
      return Command::Verb::kClose;
    case Endpoint::kClear:
      return Command::Verb::kClear;
    case Endpoint::kPush:
    case Endpoint::kPub:
      return Command::Verb::kPublish;
    default:
      return Command::Verb::kInspect;
  }
}

}  // namespace

AdminAction Admin::handle(const http::Request& request, AdminQuestion& question) {
  const Route* route = find_route(Port::kAdmin, request.path);
  if (route == nullptr || route->endpoint == Endpoint::kConsole) {
    const WebAsset* asset = find_web_asset(Port::kAdmin, request.path);
    if (asset == nullptr) return Reply::error(404, "there is nothing at this path");
    return web_asset_reply(*asset, request);
  }
  if (request.method != http::Method::kGet && request.method != http::Method::kPost) {
    Reply reply = Reply::error(405, "this path answers GET and POST only");
    reply.headers.append("Allow: ").append(allowed_methods(Port::kAdmin)).append("\r\n");
    return reply;
  }
  if (route->endpoint == Endpoint::kPush) {
    if (const auto form = push_form_of(request)) return push(request, *form, question);
  }
  if (std::optional<Reply> wrong = fields_.read(request)) return std::move(*wrong);
  if (std::optional<Reply> wrong = fields_.check_callback()) return std::move(*wrong);
  question.endpoint = route->endpoint;
  question.callback.assign(fields_.value(Field::kCb));
  question.cname.clear();
  if (route->endpoint == Endpoint::kInfo && fields_.has(Field::kConfig)) return ConfigQuestion{};
  if (is_introspective(route->endpoint)) {
    Introspection asked = introspect(fields_, name_hash_, question);
    if (Reply* reply = std::get_if<Reply>(&asked)) return std::move(*reply);
    return std::get<CoresQuestion>(std::move(asked));
  }

  switch (route->endpoint) {
    case Endpoint::kPsub:
      return watch_presence();
    case Endpoint::kTail:
      return tail(request);
    case Endpoint::kBroadcast:
      if (std::optional<Reply> wrong = escape_content(route->endpoint)) return std::move(*wrong);
      return BroadcastOrder{MessageRef::make(Message::Type::kBroadcast, scratch_, now_us_)};
    default:
      break;
  }
  return on_channel(route->endpoint, question);
}

AdminAction Admin::push(const http::Request& request, PushForm form, AdminQuestion& question) {
  if (std::optional<Reply> wrong = fields_.read_query_only(request)) return std::move(*wrong);
  if (std::optional<Reply> wrong = fields_.check_callback()) return std::move(*wrong);
  const std::string_view cname = fields_.value(Field::kCname);
  if (!cname.empty()) {
    if (std::optional<Reply> wrong = fields_.check_cname()) return std::move(*wrong);
  }
  question.endpoint = Endpoint::kPush;
  question.callback.assign(fields_.value(Field::kCb));
  const PushBatch::Limits limits{config_->limits.batch_messages, config_->limits.content_bytes};
  return std::make_unique<PushBatch>(request.body, form, cname, name_hash_, limits, now_us_);
}

AdminAction Admin::watch_presence() const {
  const std::string_view events = fields_.value(Field::kEvents);
  if (events.empty() || events == "channels") return WatchPresence{PresenceEvents::kChannels};
  if (events == "subscribers") return WatchPresence{PresenceEvents::kSubscribers};
  return Reply::error(400, "events is neither channels nor subscribers");
}

AdminAction Admin::tail(const http::Request& request) {
  if (std::optional<Reply> wrong = fields_.check_cname()) return std::move(*wrong);
  const std::optional<std::int64_t> seq = fields_.number(Field::kSeq, 0);
  if (!seq) return Reply::error(400, "seq is not a number");
  const std::optional<std::int64_t> noop = fields_.number(Field::kNoop, 0);
  if (!noop) return Reply::error(400, "noop is not a number");
  SubscribeRequest tail;
  tail.framing = {Transport::kTail, request.version_minor >= 1};
  tail.name = name_hash_.named(fields_.value(Field::kCname));
  tail.wanted = *seq;
  tail.noop = *noop;
  tail.keep_alive = request.keep_alive;
  return tail;
}

AdminAction Admin::on_channel(Endpoint endpoint, AdminQuestion& question) {
  if (std::optional<Reply> wrong = fields_.check_cname()) return std::move(*wrong);
  question.cname.assign(fields_.value(Field::kCname));
  Command command;
  command.verb = verb_of(endpoint);
  command.name = name_hash_.named(question.cname);
  if (command.verb == Command::Verb::kPublish) {
    if (std::optional<Reply> wrong = escape_content(endpoint)) return std::move(*wrong);
    command.message = MessageRef::make(Message::Type::kData, scratch_, now_us_);
  }
  if (command.verb == Command::Verb::kSign) {
    const std::optional<std::int64_t> expires = fields_.number(Field::kExpires, 0);
    if (!expires) return Reply::error(400, "expires is not a number");
    constexpr std::int64_t kLongest = 365 * 24 * 3600;  // as for channel_timeout
    if (*expires > kLongest) return Reply::error(400, "expires is longer than a year");
    command.expires_s = *expires > 0 ? static_cast<std::uint32_t>(*expires) : 0;
  }
  return command;
}

std::optional<Reply> Admin::escape_content(Endpoint endpoint) {
  const std::string_view content = fields_.value(Field::kContent);
  if (content.size() > config_->limits.content_bytes) {
    return Reply::error(
        413, fmt::format("content is longer than {} bytes", config_->limits.content_bytes));
  }
  scratch_.clear();
  if (endpoint == Endpoint::kPub) {
    if (!http::is_json_string_body(content)) {
      return Reply::error(400, "content is not the inside of a JSON string");
    }
    scratch_.assign(content);
    return std::nullopt;
  }
  if (!http::is_valid_utf8(content)) return Reply::error(400, "content is not valid UTF-8");
  http::append_json_escaped(scratch_, content);
  return std::nullopt;
}

Reply Admin::reply(const AdminQuestion& question, const Answer& answer) const {
  switch (answer.outcome) {
    case Outcome::kOverloaded:
      return not_now("overloaded; try again later");
    case Outcome::kNumbersShort:
      return not_now("the disk is too slow for the state's numbers; try again later");
    case Outcome::kMemoryFull:
      return not_now("out of memory (limits.max_memory); try again later");
    case Outcome::kTooManyChannels:
      return Reply::error(429, "Too many channels");
    case Outcome::kUnknownChannel:
      if (question.endpoint == Endpoint::kClose || question.endpoint == Endpoint::kClear) {
        return Reply::error(404, fmt::format("channel[{}] not connected", question.cname));
      }
      break;
    default:
      break;
  }
  switch (question.endpoint) {
    case Endpoint::kPush:
    case Endpoint::kPub:
      return wrapped(question, R"({"type":"ok"})");
    case Endpoint::kSign:
      return wrapped(question, fmt::format(R"({{"type":"sign","cname":"{}","seq":{},"token":"{}",)"
                                           R"("expires":{},"sub_timeout":{}}})",
                                           json(question.cname), answer.seq, answer.token.hex(),
                                           answer.expires_s, config_->front.polling_timeout_s));
    case Endpoint::kClose:
    case Endpoint::kClear:
      return text(fmt::format("ok {}\n", answer.seq));
    case Endpoint::kBroadcast:
      return text("ok\n");
    case Endpoint::kCheck:
      if (answer.outcome == Outcome::kUnknownChannel) return json_line("{}\n");
      return json_line(fmt::format("{{\"{}\": 1}}\n", json(question.cname)));
    default:
      CHECK(false);  // what is asked of all cores is not answered here
  }
}

Reply Admin::reply(const AdminQuestion& question, const PushBatch& push) {
  return wrapped(question, push.answer());
}

}  // namespace comet

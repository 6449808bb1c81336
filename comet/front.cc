#include "comet/front.h"

#include <algorithm>
#include <limits>

#include "comet/channel_list.h"
#include "comet/web_assets.h"

namespace comet {
namespace {

constexpr std::string_view kDefaultCallback = "icomet_cb";

Transport transport_of(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::kStream:
      return Transport::kStream;
    case Endpoint::kIframe:
      return Transport::kIframe;
    case Endpoint::kSse:
      return Transport::kSse;
    case Endpoint::kWs:
      return Transport::kWebSocket;
    default:
      return Transport::kPoll;
  }
}

// The number that a client which saw that of one channel wants next; nothing when it is none.
std::optional<std::int64_t> behind(std::string_view last_event_id) {
  const std::optional<std::int64_t> last = whole_number(last_event_id);
  if (!last || *last < 0) return std::nullopt;
  return *last + (*last < std::numeric_limits<std::int64_t>::max() ? 1 : 0);
}

}  // namespace

FrontAction Front::handle(const http::Request& request) {
  if (origins_.is_open()) return answer(request);
  std::optional<std::string> lines = origins_.admit(request);
  if (!lines) return CloseReason::kOriginRefused;
  FrontAction action = answer(request);
  if (lines->empty()) return action;
  if (Reply* reply = std::get_if<Reply>(&action)) {
    reply->headers.append(*lines);
  } else if (SubscribeRequest* subscribe = std::get_if<SubscribeRequest>(&action)) {
    subscribe->header_lines = std::move(*lines);
  }
  return action;
}

FrontAction Front::answer(const http::Request& request) {
  const Route* route = find_route(Port::kFront, request.path);
  const WebAsset* asset = route == nullptr ? find_web_asset(Port::kFront, request.path) : nullptr;
  const bool is_hidden = asset != nullptr && asset->showing == Showing::kInDemo;
  if (is_hidden && !config_->front.demo) asset = nullptr;
  const bool is_something = route != nullptr || asset != nullptr || request.target == "*";
  if (request.method == http::Method::kOptions && is_something) return preflight_reply(request);
  if (asset != nullptr) return web_asset_reply(*asset, request);
  if (route == nullptr) return Reply::error(404, "there is nothing at this path");
  if (request.method != http::Method::kGet) {
    Reply reply = Reply::error(405, "this path answers GET only");
    reply.headers.append("Allow: ").append(allowed_methods(Port::kFront)).append("\r\n");
    return reply;
  }
  if (std::optional<Reply> wrong = fields_.read(request)) return std::move(*wrong);
  if (std::optional<Reply> wrong = fields_.check_callback()) return std::move(*wrong);
  if (route->endpoint == Endpoint::kPing) return ping(request);
  if (route->endpoint == Endpoint::kWs) return open_websocket(request);
  return subscribe(request, route->endpoint);
}

FrontAction Front::open_websocket(const http::Request& request) {
  auto read = http::read_websocket_handshake(request);
  if (const auto* refusal = std::get_if<http::WebsocketRefusal>(&read)) {
    Reply reply = Reply::error(refusal->status, refusal->reason);
    reply.headers.append(refusal->headers);
    return reply;
  }
  WebsocketOpening opening{std::move(std::get<http::WebsocketHandshake>(read)), {}};
  std::optional<Reply> wrong = read_subscription(request, Endpoint::kWs, opening.subscribe);
  if (wrong) return std::move(*wrong);
  return opening;
}

FrontAction Front::subscribe(const http::Request& request, Endpoint endpoint) {
  FrontAction action(std::in_place_type<SubscribeRequest>);
  std::optional<Reply> wrong =
      read_subscription(request, endpoint, std::get<SubscribeRequest>(action));
  if (wrong) action = std::move(*wrong);
  return action;
}

std::optional<Reply> Front::read_subscription(const http::Request& request, Endpoint endpoint,
                                              SubscribeRequest& subscribe) {
  // A WebSocket can name its channels later.
  const bool needs_channel = endpoint != Endpoint::kWs || fields_.has(Field::kCname);
  if (needs_channel) {
    if (std::optional<Reply> wrong = fields_.check_cname()) return wrong;
  }
  const std::string_view seen = last_event_id(request, endpoint);
  const bool several = !fields_.repeated(Field::kCname).empty();
  const bool comes_back = !seen.empty() && !several;
  const std::optional<std::int64_t> wanted =
      comes_back ? behind(seen) : fields_.number(Field::kSeq, 0);
  if (!wanted) {
    return Reply::error(
        400, comes_back ? "Last-Event-ID is not the id of an event" : "seq is not a number");
  }
  const std::optional<std::int64_t> noop = fields_.number(Field::kNoop, 0);
  if (!noop) return Reply::error(400, "noop is not a number");

  const Transport transport = transport_of(endpoint);
  subscribe.framing = {transport, request.version_minor >= 1 && transport != Transport::kWebSocket};
  subscribe.name = name_hash_.named(fields_.value(Field::kCname));
  subscribe.wanted = *wanted;
  subscribe.noop = *noop;
  subscribe.keep_alive = request.keep_alive;
  if (const std::optional<Token> token = Token::parse(fields_.value(Field::kToken))) {
    subscribe.token = *token;
    subscribe.has_token = true;
  }
  if (several) {
    const std::size_t channels_max = config_->front.max_channels_per_connection;
    std::optional<Reply> wrong = read_more_channels(fields_, name_hash_, channels_max, subscribe);
    if (!wrong && !seen.empty()) wrong = go_on_behind(seen, subscribe);
    if (wrong) return wrong;
  }
  if (transport == Transport::kPoll) subscribe.poll = poll_request(request, endpoint);
  return std::nullopt;
}

// An EventSource that comes back to the same address knows better than that what it has seen.
std::string_view Front::last_event_id(const http::Request& request, Endpoint endpoint) const {
  if (endpoint != Endpoint::kSse) return {};
  const std::string_view seen = request.header("last-event-id");
  return seen.empty() ? fields_.value(Field::kLastEventId) : seen;
}

PollRequest Front::poll_request(const http::Request& request, Endpoint endpoint) const {
  const std::string_view callback = fields_.value(Field::kCb);
  if (!callback.empty()) return {true, std::string(callback)};
  const bool accepts_json = endpoint != Endpoint::kPing &&
                            request.accept.find("application/json") != std::string_view::npos;
  const bool bare = fields_.has(Field::kCb) || endpoint == Endpoint::kSub || accepts_json;
  if (bare) return {};
  return {true, std::string(kDefaultCallback)};
}

Reply Front::ping(const http::Request& request) {
  const PollRequest poll = poll_request(request, Endpoint::kPing);
  Reply reply;
  reply.content_type = poll.wrap().content_type();
  if (poll.jsonp) reply.body.append(poll.callback).push_back('(');
  reply.body.append("{\"type\":\"ping\",\"sub_timeout\":");
  reply.body.append(std::to_string(config_->front.polling_timeout_s)).push_back('}');
  reply.body.append(poll.jsonp ? ");\n" : "\n");
  return reply;
}

Reply preflight_reply(const http::Request& request) {
  Reply reply;
  reply.status = 204;
  reply.content_type = {};
  reply.headers.append("Allow: ").append(allowed_methods(Port::kFront)).append("\r\n");
  reply.headers.append("Access-Control-Allow-Methods: ").append(allowed_methods(Port::kFront));
  reply.headers.append("\r\nAccess-Control-Max-Age: 86400\r\n");
  const std::string_view wanted = request.header("access-control-request-headers");
  if (!wanted.empty()) {
    reply.headers.append("Access-Control-Allow-Headers: ").append(wanted).append("\r\n");
  }
  return reply;
}

}  // namespace comet

// What a request on the front port means: a pure decision, no socket and no channel in sight.
//
// One per core. API.md section 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "comet/allowed_origins.h"
#include "comet/close_reason.h"
#include "comet/config.h"
#include "comet/name.h"
#include "comet/reply.h"
#include "comet/request_fields.h"
#include "comet/routes.h"
#include "comet/subscribe_request.h"
#include "http/request.h"
#include "http/websocket_handshake.h"

namespace comet {

// A request to speak WebSocket from now on. The handshake's views are the request's.
struct WebsocketOpening {
  http::WebsocketHandshake handshake;
  SubscribeRequest subscribe;
};

// CloseReason: it is turned away.
using FrontAction = std::variant<Reply, SubscribeRequest, WebsocketOpening, CloseReason>;

class Front {
 public:
  Front(const Config& config, const NameHash& name_hash)
      : config_(&config), name_hash_(name_hash), origins_(config.front.allow_origins) {}

  // From now on; the former one may go.
  void reconfigure(const Config& config) {
    config_ = &config;
    origins_ = AllowedOrigins(config.front.allow_origins);
  }

  FrontAction handle(const http::Request& request);

 private:
  FrontAction answer(const http::Request& request);
  FrontAction subscribe(const http::Request& request, Endpoint endpoint);
  // Fills a new one; what is wrong with the request is the reply to send.
  std::optional<Reply> read_subscription(const http::Request& request, Endpoint endpoint,
                                         SubscribeRequest& subscribe);
  // What a client of /sse saw last, if it says so.
  [[nodiscard]] std::string_view last_event_id(const http::Request& request,
                                               Endpoint endpoint) const;
  FrontAction open_websocket(const http::Request& request);
  Reply ping(const http::Request& request);
  PollRequest poll_request(const http::Request& request, Endpoint endpoint) const;

  const Config* config_;
  const NameHash& name_hash_;
  AllowedOrigins origins_;
  RequestFields fields_;
};

// What an OPTIONS request gets: a CORS preflight is allowed everything that the endpoints offer.
Reply preflight_reply(const http::Request& request);

}  // namespace comet

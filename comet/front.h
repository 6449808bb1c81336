// What a request on the front port means: a pure decision, no socket and no channel in sight.
//
// One per core. API.md section 4.
#pragma once

#include <string>
#include <variant>

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

using FrontAction = std::variant<Reply, SubscribeRequest, WebsocketOpening>;

class Front {
 public:
  Front(const Config& config, const NameHash& name_hash)
      : config_(&config), name_hash_(name_hash) {}

  // From now on; the former one may go.
  void reconfigure(const Config& config) { config_ = &config; }

  FrontAction handle(const http::Request& request);

 private:
  FrontAction subscribe(const http::Request& request, Endpoint endpoint);
  FrontAction open_websocket(const http::Request& request);
  Reply ping(const http::Request& request);
  PollRequest poll_request(const http::Request& request, Endpoint endpoint) const;

  const Config* config_;
  const NameHash& name_hash_;
  RequestFields fields_;
};

// What an OPTIONS request gets: a CORS preflight is allowed everything that the endpoints offer.
Reply preflight_reply(const http::Request& request);

}  // namespace comet

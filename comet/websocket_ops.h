// What a WebSocket client may ask of the server: JSON objects in text messages.
//
//     {"op":"subscribe","cname":"b","seq":9,"token":"…"}    seq and token as in a query
//     {"op":"unsubscribe","cname":"b"}
//
// A pure decision. One reader per core, reused for every message, so that parsing allocates nothing
// in steady state. A message that is no such thing is answered and does no harm.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "comet/name.h"
#include "comet/subscribe_request.h"

namespace comet {

struct WebsocketOp {
  enum class Verb : std::uint8_t { kSubscribe, kUnsubscribe };
  Verb verb;
  Subscription channel;  // of kUnsubscribe the name only
};

// What was wrong, and with which op and channel as far as that was understood.
struct WebsocketOpError {
  std::string op;
  std::string cname;
  std::string reason;
};

class WebsocketOps {
 public:
  explicit WebsocketOps(const NameHash& name_hash);
  ~WebsocketOps();
  WebsocketOps(const WebsocketOps&) = delete;
  WebsocketOps& operator=(const WebsocketOps&) = delete;

  // The text is valid UTF-8 and bounded by limits.websocket_message_bytes.
  std::variant<WebsocketOp, WebsocketOpError> read(std::string_view text);

 private:
  struct JsonReader;

  std::variant<WebsocketOp, WebsocketOpError> read_with(JsonReader& json, std::string_view text);

  const NameHash& name_hash_;
  std::unique_ptr<JsonReader> json_;
};

}  // namespace comet

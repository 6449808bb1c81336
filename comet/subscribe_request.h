// What a request for one of the front port's transports, or for /tail, asks for.
//
// Values that Front and Admin make and a hub takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "comet/name.h"
#include "comet/token.h"
#include "comet/transport.h"

namespace comet {

// One channel, and from where on.
struct Subscription {
  ChannelName name;
  std::int64_t wanted = 0;  // seq
  Token token;
  bool has_token = false;
};

// What a poll needs to be answered, and an endless response does not.
struct PollRequest {
  bool jsonp = false;
  std::string callback;
  [[nodiscard]] PollWrap wrap() const { return {jsonp, callback}; }
  // Bytes outside of the object.
  [[nodiscard]] std::size_t memory() const { return memory_of(callback); }
};

// The subscription to the first channel, nearly always the only one, and what belongs to the
// connection. No two channels are the same.
struct SubscribeRequest : Subscription {
  // A WebSocket may begin without a channel: the name is empty then.
  [[nodiscard]] bool has_channel() const { return !name.text.empty(); }
  [[nodiscard]] std::size_t channels() const { return (has_channel() ? 1 : 0) + more.size(); }
  // Of one channel, on HTTP, is a subscriber; the others are a bundle.
  [[nodiscard]] bool is_bundle() const {
    return !more.empty() || framing.transport == Transport::kWebSocket;
  }

  Framing framing{Transport::kStream, true};
  std::int64_t noop = 0;
  bool keep_alive = true;
  bool returns = false;            // the connection has subscribed before
  PollRequest poll;                // on Transport::kPoll
  std::vector<Subscription> more;  // the other channels, in the order of the request
  std::string header_lines;        // of the response, besides those that all have; mostly none
};

}  // namespace comet

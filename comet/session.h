// One connection as the server sees it: where it stands between accept and close.
//
// Owned by the worker whose core accepted it. Plain data; the rules are in worker.cc. A session
// that waits for a request or listens to a channel keeps no parser, no buffer and no request text:
// those live in an Exchange, which is borrowed while a request is being read or answered.
#pragma once

#include <cstdint>
#include <memory>

#include "comet/admission.h"
#include "comet/entry.h"
#include "comet/exchange.h"
#include "comet/routes.h"
#include "reactor/connection.h"
#include "reactor/slab.h"
#include "reactor/timer_wheel.h"

namespace comet {

struct Session {
  enum class Phase : std::uint8_t {
    kProxied,    // the header in which a proxy names the client is not here yet
    kReading,    // between requests, or a part of one is here
    kAwaiting,   // a hub is to answer
    kListening,  // a subscriber: the hub writes
    kTalking,    // the same on a WebSocket: the client's frames are read meanwhile
    kParting,    // a WebSocket: our close frame was written, the peer's is not here yet
    kClosing,    // no more requests; what is unsent leaves, then FIN, then the peer's FIN
    kDead,       // to be freed when the turn ends
  };
  enum class Timeout : std::uint8_t { kNone, kIdle, kHead, kBody, kClose };

  Session(reactor::Fd fd, Port accepting_port, Standing peer)
      : connection(std::move(fd)),
        port(accepting_port),
        denied(peer.denied),
        trusted(peer.trusted) {}

  [[nodiscard]] Standing standing() const { return {denied, trusted}; }
  void set_standing(Standing standing) {
    denied = standing.denied;
    trusted = standing.trusted;
  }

  // Frames are read, not requests.
  [[nodiscard]] bool is_websocket() const {
    return phase == Phase::kTalking || phase == Phase::kParting;
  }
  // kReading: no part of a request is here.
  [[nodiscard]] bool is_between_requests() const {
    return exchange == nullptr || (exchange->parser.idle() && exchange->unparsed.empty());
  }

  // The attribute lets `subscriber` stand in the connection's padding.
  [[no_unique_address]] reactor::Connection connection;
  std::uint32_t subscriber = reactor::kNoIndex;
  std::unique_ptr<Exchange> exchange;
  reactor::TimerLink timer;
  Phase phase = Phase::kReading;
  Timeout timeout = Timeout::kNone;
  Port port : 1;
  bool denied : 1;  // see Standing
  bool trusted : 1;
  bool endless : 1 = false;      // while listening: the response has no end of its own
  bool keep_alive : 1 = true;    // of the request that is being answered
  bool head_only : 1 = false;    // its method was HEAD: the answer has no body
  bool unread : 1 = false;       // the poller said readable, and it was not read until dry
  bool resuming : 1 = false;     // in the list of those to be read at the end of the turn
  bool peer_closed : 1 = false;  // the poller saw a FIN or an error: read until it shows
  bool fin_sent : 1 = false;
  bool subscribed : 1 = false;  // before, when there was memory for it
  bool counted : 1 = false;     // why it, or the response that is being given, ends
  Entry entry : 2 = Entry::kGranted;
};
static_assert(sizeof(Session) == 40, "an idle connection fits into a cache line");

}  // namespace comet

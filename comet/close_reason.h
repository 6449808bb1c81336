// Why a connection, a subscriber or a request was turned away or ended: one table of names, and one
// core's counters.
//
// What would flood a log is counted instead. A connection that ends is counted once, under the
// reason for which its end began; a request that was refused, or a subscription that ended, is
// counted by itself only where the connection goes on. Counters are plain integers of the core that
// counts; others read them by asking that core.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace comet {

enum class Outcome : std::uint8_t;

enum class CloseReason : std::uint8_t {
  // Refused: it asked for something and did not get it.
  kNoResources,
  kAddressDenied,
  kKeyMissing,
  kCrossSite,
  kUntrustedProxy,
  kBadProxyHeader,
  kMalformed,
  kOverloaded,
  kNumbersShort,
  kMemoryFull,
  kTooManyChannels,
  kTooManySubscribers,
  kTokenError,
  kUnknownChannel,
  kServerFull,
  kAddressFull,
  kOriginRefused,
  // Closed: it was there, and is gone.
  kClientLeft,
  kFinished,
  kIdle,
  kSlowRequest,
  kSlowReader,
  kMemoryShort,
  kWebsocketFault,
  kLagging,
  kSilent,
  kTimedOut,
  kChannelClosed,
  kDraining,
};
inline constexpr std::size_t kCloseReasons = static_cast<std::size_t>(CloseReason::kDraining) + 1;

struct CloseReasonRow {
  enum class Kind : std::uint8_t { kRefused, kClosed };
  CloseReason reason;
  Kind kind;
  std::string_view name;      // as /info and /metrics write it
  std::string_view sentence;  // for the documentation
};

// In the order of the enumeration.
inline constexpr std::array<CloseReasonRow, kCloseReasons> kCloseReasonTable{{
    {CloseReason::kNoResources, CloseReasonRow::Kind::kRefused, "no_resources",
     "The kernel had no descriptor or no memory for a connection."},
    {CloseReason::kAddressDenied, CloseReasonRow::Kind::kRefused, "address_denied",
     "The client's address may not use the port: 403."},
    {CloseReason::kKeyMissing, CloseReasonRow::Kind::kRefused, "key_missing",
     "A request on the admin port showed none of admin.key: 401."},
    {CloseReason::kCrossSite, CloseReasonRow::Kind::kRefused, "cross_site",
     "A browser sent a request to the admin port on behalf of another site's page: 403."},
    {CloseReason::kUntrustedProxy, CloseReasonRow::Kind::kRefused, "untrusted_proxy",
     "Who connected to a listener with the PROXY protocol is none of trusted_proxies."},
    {CloseReason::kBadProxyHeader, CloseReasonRow::Kind::kRefused, "bad_proxy_header",
     "A connection to such a listener did not begin with a header of that protocol."},
    {CloseReason::kMalformed, CloseReasonRow::Kind::kRefused, "malformed",
     "A request could not be understood or was too long, and its connection ended."},
    {CloseReason::kOverloaded, CloseReasonRow::Kind::kRefused, "overloaded",
     "A publish, an order or a question came while too much waited for a core, or while a core "
     "worked through a channel's full window: 503; a subscriber did: 429."},
    {CloseReason::kNumbersShort, CloseReasonRow::Kind::kRefused, "numbers_short",
     "A publish would have got a number that the state's ledger has not on the disk yet: 503."},
    {CloseReason::kMemoryFull, CloseReasonRow::Kind::kRefused, "memory_full",
     "limits.max_memory was reached: 503 for a publisher or a long request, 429 for a subscriber."},
    {CloseReason::kTooManyChannels, CloseReasonRow::Kind::kRefused, "too_many_channels",
     "front.max_channels was reached: 429."},
    {CloseReason::kTooManySubscribers, CloseReasonRow::Kind::kRefused, "too_many_subscribers",
     "front.max_subscribers_per_channel was reached: 429."},
    {CloseReason::kTokenError, CloseReasonRow::Kind::kRefused, "token_error",
     "A subscriber's token was not the channel's: 401."},
    {CloseReason::kUnknownChannel, CloseReasonRow::Kind::kRefused, "unknown_channel",
     "A subscriber wanted a channel that does not exist, under front.create_channels = false: "
     "401."},
    {CloseReason::kServerFull, CloseReasonRow::Kind::kRefused, "server_full",
     "front.max_connections, or what the descriptor limit allows, was reached: 503."},
    {CloseReason::kAddressFull, CloseReasonRow::Kind::kRefused, "address_full",
     "front.max_connections_per_address was reached: 429."},
    {CloseReason::kOriginRefused, CloseReasonRow::Kind::kRefused, "origin_refused",
     "A page asked whose origin is none of front.allow_origins: 403."},
    {CloseReason::kClientLeft, CloseReasonRow::Kind::kClosed, "client_left",
     "The client closed the connection, or it broke."},
    {CloseReason::kFinished, CloseReasonRow::Kind::kClosed, "finished",
     "The connection's last answer was given."},
    {CloseReason::kIdle, CloseReasonRow::Kind::kClosed, "idle",
     "No request came within limits.idle_timeout."},
    {CloseReason::kSlowRequest, CloseReasonRow::Kind::kClosed, "slow_request",
     "A request, or a WebSocket's message, did not arrive within limits.header_timeout or "
     "limits.body_timeout: 408."},
    {CloseReason::kSlowReader, CloseReasonRow::Kind::kClosed, "slow_reader",
     "The client did not fetch its answer within limits.idle_timeout."},
    {CloseReason::kMemoryShort, CloseReasonRow::Kind::kClosed, "memory_short",
     "limits.max_memory was reached, and a client did not take at once what it was sent, or was "
     "about to send a long message on a WebSocket."},
    {CloseReason::kWebsocketFault, CloseReasonRow::Kind::kClosed, "websocket_fault",
     "A WebSocket client sent what RFC 6455 or a limit forbids, and was told a close code."},
    {CloseReason::kLagging, CloseReasonRow::Kind::kClosed, "lagging",
     "A subscriber fell behind by more than front.backlog_messages or front.backlog_bytes."},
    {CloseReason::kSilent, CloseReasonRow::Kind::kClosed, "silent",
     "A WebSocket's client had not answered a ping when the next was due."},
    {CloseReason::kTimedOut, CloseReasonRow::Kind::kClosed, "timed_out",
     "The kernel gave the client up: it had acknowledged or taken nothing for limits.peer_timeout, "
     "or not answered the probes of limits.keepalive."},
    {CloseReason::kChannelClosed, CloseReasonRow::Kind::kClosed, "channel_closed",
     "A subscriber's channel was closed by /close."},
    {CloseReason::kDraining, CloseReasonRow::Kind::kClosed, "draining",
     "A subscriber was sent away, or an idle connection closed, because the server drains."},
}};

constexpr const CloseReasonRow& row_of(CloseReason reason) {
  return kCloseReasonTable[static_cast<std::size_t>(reason)];
}
constexpr std::string_view name_of(CloseReason reason) { return row_of(reason).name; }

// The table for docs/METRICS.md, in Markdown.
std::string render_close_reasons_table();

// Why a hub said no; nothing where it did not, or where nothing was turned away.
std::optional<CloseReason> reason_of(Outcome outcome);

class CloseCounts {
 public:
  void add(CloseReason reason) { ++counts_[static_cast<std::size_t>(reason)]; }
  [[nodiscard]] std::uint64_t operator[](CloseReason reason) const {
    return counts_[static_cast<std::size_t>(reason)];
  }
  CloseCounts& operator+=(const CloseCounts& other) {
    for (std::size_t i = 0; i < kCloseReasons; ++i) counts_[i] += other.counts_[i];
    return *this;
  }

 private:
  std::array<std::uint64_t, kCloseReasons> counts_{};
};

}  // namespace comet

// How each transport renders what it sends: one table, and the functions that follow it.
//
// Pure functions from names, numbers and contents to bytes; any core. Rendering is deterministic,
// so after a short write nothing needs to be kept: the same bytes can be made again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "comet/history.h"

namespace comet {

enum class Transport : std::uint8_t {
  kStream,
  kIframe,
  kSse,
  kPoll,
  kWebSocket,
  kPresence,
  kTail,
};
inline constexpr std::size_t kTransports = 7;

// The admin port's own: no page of another origin may read them.
constexpr bool is_for_administrators(Transport transport) {
  return transport == Transport::kPresence || transport == Transport::kTail;
}
// Watches a channel without being one of its subscribers: it is not counted, needs no token, and
// neither creates the channel nor keeps it alive.
constexpr bool is_observer(Transport transport) { return transport == Transport::kTail; }

// What distinguishes the bytes of two subscribers of one endless response: the transport, and
// whether messages go out as HTTP chunks (HTTP/1.1) or bare (HTTP/1.0). What a WebSocket gets is no
// body of HTTP: each object is a text frame (RFC 6455 5.6), and `chunked` is false.
struct Framing {
  Transport transport;
  bool chunked;

  [[nodiscard]] std::size_t index() const {
    return static_cast<std::size_t>(transport) * 2 + (chunked ? 1 : 0);
  }
  friend bool operator==(const Framing&, const Framing&) = default;
};
inline constexpr std::size_t kFramings = kTransports * 2;

struct TransportRow {
  std::string_view name;
  std::string_view content_type;
  std::string_view preamble;  // first bytes of the body, before any message
  std::string_view prefix;    // around each JSON object
  std::string_view suffix;
};
const TransportRow& row_of(Transport transport);

// Types of messages as they stand in "type".
inline constexpr std::string_view kDataType = "data";
inline constexpr std::string_view kBroadcastType = "broadcast";
inline constexpr std::string_view kNextSeqType = "next_seq";
inline constexpr std::string_view kNoopType = "noop";
inline constexpr std::string_view kCloseType = "close";

// A channel's name as it must stand in this transport's JSON.
std::string escaped_name(Transport transport, std::string_view name);

// Appends `bytes` as one HTTP chunk, or bare. Empty bytes append nothing: an empty chunk would end
// the response.
void append_chunk(std::string& out, Framing framing, std::string_view bytes);

// The number of the last message before an event, which /sse sends as its id: a client whose
// connection breaks comes back with the id it saw last (Last-Event-ID; HTML, section 9.2), and goes
// on behind it. An event without one leaves the client's as it is.
using LastSeen = std::optional<std::uint64_t>;
// Where a response has several channels, an id has the position of each: what stands before and
// behind that of the event's own.
struct OtherPositions {
  std::string_view before;
  std::string_view after;
};
inline constexpr OtherPositions kNoOthers{};

// Appends one message without history: {type, cname, seq, content}, framed. `seq` is signed as
// heartbeats count from whatever number the client sent.
void append_control(std::string& out, Framing framing, std::string_view escaped_name,
                    std::string_view type, std::int64_t seq, std::string_view content,
                    LastSeen last_seen, const OtherPositions& others = kNoOthers);

// Appends a message that says with which number the channel goes on: next_seq or close.
void append_next(std::string& out, Framing framing, std::string_view escaped_name,
                 std::string_view type, std::uint64_t next,
                 const OtherPositions& others = kNoOthers);

// Appends, on /sse, after how many milliseconds a client whose connection broke should come back:
// the field "retry" of server-sent events. Nothing on the other transports, and nothing for 0,
// which leaves it to the browser.
void append_retry(std::string& out, Framing framing, std::uint32_t retry_ms);

// Appends the frame with which a WebSocket is closed because the server is going down.
void append_going_away(std::string& out);

// HOT. Appends one published message, framed; a broadcast is followed by its next_seq in a chunk of
// its own. On the presence transport the content is the line, and nothing else is sent.
void append_message(std::string& out, Framing framing, std::string_view escaped_name,
                    std::uint64_t seq, const Message& message,
                    const OtherPositions& others = kNoOthers);

// What a poll's answer is wrapped in.
struct PollWrap {
  bool jsonp;
  std::string_view callback;  // when jsonp
  [[nodiscard]] std::string_view content_type() const;
};

// Appends a poll's body: one object.
void append_poll_control(std::string& out, const PollWrap& wrap, std::string_view escaped_name,
                         std::string_view type, std::int64_t seq, std::string_view content);

// The same, without what it is wrapped in.
void append_poll_object(std::string& out, std::string_view escaped_name, std::string_view type,
                        std::int64_t seq, std::string_view content);
// The messages from `from` on, separated by commas. Returns how many objects they are.
std::size_t append_poll_objects(std::string& out, std::string_view escaped_name,
                                const History& messages, std::uint64_t from);
enum class PollBody : std::uint8_t { kObject, kArray };
// Wraps what these two have made.
void append_poll_body(std::string& out, const PollWrap& wrap, PollBody body,
                      std::string_view objects);

// Appends a poll's body: the messages from `from` on. A single live message stands alone; several,
// those that waited when the request came, and a broadcast with its next_seq stand in an array.
enum class PollForm : std::uint8_t { kLive, kWaiting };
void append_poll_messages(std::string& out, const PollWrap& wrap, std::string_view escaped_name,
                          const History& messages, std::uint64_t from, PollForm form);

// Appends a poll's body: an array of `messages`, which lie before a gap, and the number at which
// numbering goes on behind it.
void append_poll_gap(std::string& out, const PollWrap& wrap, std::string_view escaped_name,
                     const History& messages, std::uint64_t next);

}  // namespace comet

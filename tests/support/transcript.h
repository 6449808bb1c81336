// What a peer received, understood: the framing of each transport, and the messages within.
//
// Values and readers of a test; they know the wire contract and share no code with the server.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "comet/transport.h"

namespace support {

// One JSON object {type, cname, seq, content}; strings as they stand between their quotes. A line
// of /psub is an event of type "line" with the line as its content. On a WebSocket, the answers to
// operations are events of their types, of an error the content says what was wrong; a ping is one
// of type "ping", and the frame that closes it one of type "close frame" with its status as seq.
struct Event {
  std::string type;
  std::string cname;
  std::int64_t seq = 0;
  std::string content;
  friend bool operator==(const Event&, const Event&) = default;
};
void PrintTo(const Event& event, std::ostream* out);
std::string to_string(const Event& event);

// Takes one object off the front; nothing when what stands there is not exactly of that form.
std::optional<Event> take_event(std::string_view& text);

// Follows an endless response as it arrives, cut anywhere: exactly one event in a chunk, or one
// behind the other where not chunked; or a WebSocket behind its handshake, one event in a frame.
class EndlessReader {
 public:
  // Of several channels, their names as in JSON, in the order of the request.
  explicit EndlessReader(comet::Framing framing, std::vector<std::string> channels = {});

  // Appends the events that `bytes` complete. After an error it reads no more.
  void read(std::string_view bytes, std::vector<Event>& events);

  [[nodiscard]] const std::string& head() const { return head_; }    // "" until it is complete
  [[nodiscard]] bool last_chunk() const { return last_chunk_; }      // the final zero chunk came
  [[nodiscard]] std::string_view tail() const { return tail_; }      // of what is incomplete
  [[nodiscard]] const std::string& error() const { return error_; }  // "" while all was understood
  [[nodiscard]] bool closed() const { return closed_; }              // by a close frame
  // The field "retry" of server-sent events: with which a draining server takes its leave.
  [[nodiscard]] std::optional<std::uint32_t> retry_ms() const { return retry_ms_; }

 private:
  bool take_chunk(std::string_view& rest, std::string_view& document);
  bool take_document(std::string_view& document, std::vector<Event>& events);
  bool take_frame(std::string_view& rest, std::vector<Event>& events);

  comet::Framing framing_;
  const comet::TransportRow& row_;
  bool take_opening(std::string_view& document);
  using Id = std::vector<std::int64_t>;  // one position for each channel; empty: none
  bool take_id(std::string_view& document, Id& id);
  void check_id(const Event& event, const Id& id);
  bool check_position(const Event& event, bool own, std::size_t place, std::int64_t position);

  bool opened_;  // what stands before the first message was read
  bool last_chunk_ = false;
  bool closed_ = false;
  std::optional<std::uint32_t> retry_ms_;
  std::vector<std::string> channels_;
  std::vector<std::optional<std::int64_t>> positions_;  // of which messages came; by channel
  Id last_id_;
  std::string head_;
  std::string tail_;
  std::string error_;
};

// A response split at its head. `error` is "" when everything was understood.
struct Transcript {
  std::string head;  // up to and with the empty line; "" when not even that is complete
  std::vector<Event> events;
  std::vector<std::size_t> frame_ends;  // offset behind each event's frame in the bytes given
  bool last_chunk = false;
  std::optional<std::uint32_t> retry_ms;
  bool array = false;    // polls: the events stood in an array
  std::string callback;  // polls: the JSONP wrap; "" for bare
  std::string tail;      // an incomplete frame at the end
  std::string error;
};

Transcript read_endless(std::string_view bytes, comet::Framing framing,
                        std::vector<std::string> channels = {});
// A poll's response, which must be whole.
Transcript read_poll(std::string_view bytes);

}  // namespace support

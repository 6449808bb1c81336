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
// of /psub is an event of type "line" with the line as its content.
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
// behind the other where not chunked.
class EndlessReader {
 public:
  explicit EndlessReader(comet::Framing framing);

  // Appends the events that `bytes` complete. After an error it reads no more.
  void read(std::string_view bytes, std::vector<Event>& events);

  [[nodiscard]] const std::string& head() const { return head_; }    // "" until it is complete
  [[nodiscard]] bool last_chunk() const { return last_chunk_; }      // the final zero chunk came
  [[nodiscard]] std::string_view tail() const { return tail_; }      // of what is incomplete
  [[nodiscard]] const std::string& error() const { return error_; }  // "" while all was understood
  // The field "retry" of server-sent events: with which a draining server takes its leave.
  [[nodiscard]] std::optional<std::uint32_t> retry_ms() const { return retry_ms_; }

 private:
  bool take_chunk(std::string_view& rest, std::string_view& document);
  bool take_document(std::string_view& document, std::vector<Event>& events);

  comet::Framing framing_;
  const comet::TransportRow& row_;
  bool take_opening(std::string_view& document);
  bool take_id(std::string_view& document, std::optional<std::uint64_t>& id);
  void check_id(const Event& event, std::optional<std::uint64_t> id);

  bool opened_;  // what stands before the first message was read
  bool last_chunk_ = false;
  std::optional<std::uint32_t> retry_ms_;
  std::optional<std::uint64_t> last_id_;
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

Transcript read_endless(std::string_view bytes, comet::Framing framing);
// A poll's response, which must be whole.
Transcript read_poll(std::string_view bytes);

}  // namespace support

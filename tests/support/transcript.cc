#include "tests/support/transcript.h"

#include <algorithm>
#include <charconv>
#include <ostream>
#include <utility>

namespace support {
namespace {

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

// What stands up to the next quote that is not escaped, the quote included.
bool take_string(std::string_view& text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      out = text.substr(0, i);
      text.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

template <class Number>
bool take_number(std::string_view& text, Number& out, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

std::string_view take_head(std::string_view& text) {
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return {};
  const std::string_view head = text.substr(0, end + 4);
  text.remove_prefix(end + 4);
  return head;
}

// What a WebSocket's server says that is no message.
std::optional<Event> take_answer(std::string_view& text) {
  std::string_view rest = text;
  Event event;
  if (!take(rest, "{\"type\":\"") || !take_string(rest, event.type)) return std::nullopt;
  std::string operation;
  const bool is_error = event.type == "error";
  bool ok = !is_error || (take(rest, ",\"op\":\"") && take_string(rest, operation));
  ok = ok && take(rest, ",\"cname\":\"") && take_string(rest, event.cname);
  if (event.type == "subscribed")
    ok = ok && take(rest, ",\"seq\":") && take_number(rest, event.seq);
  if (is_error) ok = ok && take(rest, ",\"reason\":\"") && take_string(rest, event.content);
  ok = ok && (is_error || event.type == "subscribed" || event.type == "unsubscribed");
  if (!ok || !take(rest, "}")) return std::nullopt;
  text = rest;
  return event;
}

bool take_line(std::string_view& text, Event& out) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return false;
  out = {"line", "", 0, std::string(text.substr(0, end))};
  text.remove_prefix(end + 1);
  return true;
}

}  // namespace

std::string to_string(const Event& event) {
  if (event.type == "line") return "line \"" + event.content + '"';
  return event.type + ' ' + event.cname + ' ' + std::to_string(event.seq) + " \"" + event.content +
         '"';
}

void PrintTo(const Event& event, std::ostream* out) { *out << to_string(event); }

std::optional<std::uint32_t> take_retry(std::string_view& text) {
  std::string_view rest = text;
  std::uint32_t ms = 0;
  if (!take(rest, "retry: ") || !take_number(rest, ms) || !take(rest, "\n\n")) return std::nullopt;
  text = rest;
  return ms;
}

std::optional<Event> take_event(std::string_view& text) {
  std::string_view rest = text;
  Event event;
  const bool ok =
      take(rest, "{\"type\":\"") && take_string(rest, event.type) && take(rest, ",\"cname\":\"") &&
      take_string(rest, event.cname) && take(rest, ",\"seq\":") && take_number(rest, event.seq) &&
      take(rest, ",\"content\":\"") && take_string(rest, event.content) && take(rest, "}");
  if (!ok) return std::nullopt;
  text = rest;
  return event;
}

// --- EndlessReader ----------------------------------------------------------------------------

EndlessReader::EndlessReader(comet::Framing framing, std::vector<std::string> channels)
    : framing_(framing),
      row_(comet::row_of(framing.transport)),
      opened_(row_.preamble.empty() && framing.transport != comet::Transport::kSse),
      channels_(std::move(channels)),
      positions_(std::max<std::size_t>(channels_.size(), 1)) {}

void EndlessReader::read(std::string_view bytes, std::vector<Event>& events) {
  if (!error_.empty()) return;
  tail_.append(bytes);
  std::string_view rest = tail_;
  if (framing_.transport == comet::Transport::kWebSocket) {
    while (error_.empty() && take_frame(rest, events)) {
    }
    tail_.erase(0, tail_.size() - rest.size());
    return;
  }
  if (head_.empty()) {
    head_ = take_head(rest);
    if (head_.empty()) return;
  }
  while (!rest.empty() && error_.empty()) {
    std::string_view frame = rest;
    std::string_view document = rest;
    if (last_chunk_) {
      error_ = "bytes behind the last chunk";
    } else if (framing_.chunked && !take_chunk(frame, document)) {
      break;
    } else if (!last_chunk_ && !take_document(document, events)) {
      break;
    }
    rest = framing_.chunked ? frame : document;
  }
  tail_.erase(0, tail_.size() - rest.size());
}

// False when the chunk is incomplete, or is none.
bool EndlessReader::take_chunk(std::string_view& rest, std::string_view& document) {
  std::size_t size = 0;
  if (rest.find("\r\n") == std::string_view::npos) return false;
  if (!take_number(rest, size, 16) || !take(rest, "\r\n")) {
    error_ = "not the head of a chunk";
    return false;
  }
  if (rest.size() < size + 2) return false;
  document = rest.substr(0, size);
  rest.remove_prefix(size);
  if (!take(rest, "\r\n")) {
    error_ = "a chunk without its end";
    return false;
  }
  last_chunk_ = size == 0;
  return true;
}

// False when the frame is incomplete, or not one of RFC 6455 that a server may send.
bool EndlessReader::take_frame(std::string_view& rest, std::vector<Event>& events) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  if (rest.empty()) return false;
  if (closed_) error_ = "bytes behind the close frame";
  if (rest.size() < 2) return false;
  std::size_t head = 2;
  std::uint64_t size = byte(1);
  const std::size_t more = size < 126 ? 0 : size == 126 ? 2 : 8;
  if (size > 127) error_ = "a masked frame";
  if (rest.size() < head + more) return false;
  if (more > 0) size = 0;
  for (; head < 2 + more; ++head) size = size << 8 | byte(head);
  if (size < (more == 0 ? 0u : more == 2 ? 126u : 65'536u)) error_ = "a length that is too long";
  if (!error_.empty() || rest.size() - head < size) return false;
  std::string_view payload = rest.substr(head, size);
  std::optional<Event> event;
  if (byte(0) == 0x81) {
    event = take_event(payload);
    if (!event) event = take_answer(payload);
  } else if (byte(0) == 0x89) {
    event = Event{"ping", "", 0, ""};
  } else if (byte(0) == 0x88 && payload.size() >= 2) {
    const auto high = static_cast<unsigned char>(payload[0]);
    event = Event{"close frame", "", high * 256 + static_cast<unsigned char>(payload[1]), ""};
    payload.remove_prefix(2);
    closed_ = true;
  }
  if (!event || !payload.empty()) {
    error_ = "not a frame with one message";
    return false;
  }
  events.push_back(std::move(*event));
  rest.remove_prefix(head + size);
  return true;
}

bool EndlessReader::take_document(std::string_view& document, std::vector<Event>& events) {
  if (!opened_) {
    if (!take_opening(document)) return false;
  } else if (retry_ms_) {
    error_ = "something behind the leave-taking";
    return false;
  } else if (framing_.transport == comet::Transport::kSse && document.starts_with('r')) {
    retry_ms_ = take_retry(document);
    if (!retry_ms_) {
      if (framing_.chunked) error_ = "not one field in a chunk";
      return false;
    }
  } else {
    std::optional<Event> event = Event{};
    Id id;
    if (framing_.transport == comet::Transport::kPresence) {
      if (!take_line(document, *event)) event.reset();
    } else {
      if (take_id(document, id) && take(document, row_.prefix)) {
        event = take_event(document);
      } else {
        event.reset();
      }
      if (event && !take(document, row_.suffix)) event.reset();
    }
    if (!event) {
      if (framing_.chunked) error_ = "not one message in a chunk";
      return false;  // not chunked: perhaps incomplete
    }
    if (framing_.transport == comet::Transport::kSse) check_id(*event, id);
    events.push_back(std::move(*event));
  }
  if (framing_.chunked && !document.empty()) error_ = "two messages in a chunk";
  return true;
}

// The preamble, or the field "retry" with which every /sse begins.
bool EndlessReader::take_opening(std::string_view& document) {
  if (framing_.transport == comet::Transport::kSse) {
    opened_ = take_retry(document).has_value();
    if (!opened_ && framing_.chunked) error_ = "not the field retry";
    return opened_;
  }
  if (!framing_.chunked && document.size() < row_.preamble.size()) return false;
  opened_ = take(document, row_.preamble);
  if (!opened_) error_ = "not the preamble";
  return opened_;
}

// False when a line begins as an id's, and is none.
bool EndlessReader::take_id(std::string_view& document, Id& id) {
  std::string_view rest = document;
  if (!take(rest, "id: ")) return true;
  do {
    if (!take_number(rest, id.emplace_back())) return false;
  } while (take(rest, ","));
  if (!take(rest, "\n")) return false;
  document = rest;
  return true;
}

// Who comes back with the id that it saw last must lose nothing and get nothing twice.
void EndlessReader::check_id(const Event& event, const Id& id) {
  const bool is_refusal = event.type == "401" || event.type == "429";
  bool ok = id.size() == (is_refusal ? 0 : positions_.size());
  for (std::size_t place = 0; ok && place < id.size(); ++place) {
    const bool own = channels_.empty() || channels_[place] == event.cname;
    ok = check_position(event, own, place, id[place]);
  }
  if (!ok) error_ = "the wrong id for " + to_string(event);
  if (!id.empty()) last_id_ = id;
}

// A channel of which nothing came stands anywhere before what comes.
bool EndlessReader::check_position(const Event& event, bool own, std::size_t place,
                                   std::int64_t position) {
  std::optional<std::int64_t>& known = positions_[place];
  if (!own || event.type == "noop") return !known || position == *known;
  const bool is_message = event.type == "data" || event.type == "broadcast";
  const bool was_before = last_id_.empty() || !is_message || known || last_id_[place] < event.seq;
  known = event.seq - (is_message ? 0 : 1);
  return was_before && position == *known;
}

// --- Whole responses --------------------------------------------------------------------------

Transcript read_endless(std::string_view bytes, comet::Framing framing,
                        std::vector<std::string> channels) {
  Transcript transcript;
  EndlessReader reader(framing, std::move(channels));
  // Byte by byte, to know where each event ends.
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    reader.read(bytes.substr(i, 1), transcript.events);
    transcript.frame_ends.resize(transcript.events.size(), i + 1);
  }
  transcript.head = reader.head();
  transcript.last_chunk = reader.last_chunk();
  transcript.retry_ms = reader.retry_ms();
  transcript.tail = reader.tail();
  transcript.error = reader.error();
  return transcript;
}

Transcript read_poll(std::string_view bytes) {
  Transcript transcript;
  std::string_view rest = bytes;
  transcript.head = take_head(rest);
  constexpr std::string_view kLength = "Content-Length: ";
  const std::size_t at = transcript.head.find(kLength);
  std::size_t length = 0;
  std::string_view field = at == std::string::npos
                               ? std::string_view()
                               : std::string_view(transcript.head).substr(at + kLength.size());
  if (!take_number(field, length) || length != rest.size()) {
    transcript.error = "not one whole response";
    return transcript;
  }
  const bool called = !rest.starts_with('[') && !rest.starts_with('{');
  if (called) {
    const std::size_t open = rest.find('(');
    if (open == std::string_view::npos) {
      transcript.error = "neither JSON nor a call";
      return transcript;
    }
    transcript.callback = rest.substr(0, open);
    rest.remove_prefix(open + 1);
  }
  transcript.array = take(rest, "[");
  do {
    const std::optional<Event> event = take_event(rest);
    if (!event) {
      transcript.error = "not a message";
      return transcript;
    }
    transcript.events.push_back(*event);
  } while (transcript.array && take(rest, ","));
  if (transcript.array && !take(rest, "]")) transcript.error = "an array without its end";
  if (rest != (called ? ");\n" : "\n")) transcript.error = "not the end of a poll";
  return transcript;
}

}  // namespace support

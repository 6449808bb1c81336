#include "comet/transport.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "http/chunk.h"
#include "http/json.h"
#include "http/websocket_close.h"
#include "http/websocket_frame.h"

namespace comet {
namespace {

// The head of /iframe pads nothing and hides nothing: it names the encoding and, as deployed pages
// on a sibling host expect, relaxes document.domain to the last two labels.
constexpr std::string_view kIframePreamble =
    "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><script>"
    "try{document.domain=location.hostname.split('.').slice(-2).join('.')}catch(e){}"
    "</script></head><body>\n";

constexpr std::array<TransportRow, kTransports> kRows{{
    {"stream", "application/json; charset=utf-8", "", "", "\n"},
    {"iframe", "text/html; charset=utf-8", kIframePreamble, "<script>parent.icomet_cb(",
     ");</script>\n"},
    {"sse", "text/event-stream; charset=utf-8", "", "data: ", "\n\n"},
    {"poll", "application/javascript; charset=utf-8", "", "", ""},
    {"ws", "", "", "", ""},
    {"psub", "text/plain; charset=utf-8", "", "", ""},
    {"tail", "application/json; charset=utf-8", "", "", "\n"},
}};

// Pieces of {"type":"data","cname":"a","seq":1,"content":"hello"}.
constexpr std::string_view kBeforeType = "{\"type\":\"";
constexpr std::string_view kBeforeName = "\",\"cname\":\"";
constexpr std::string_view kBeforeSeq = "\",\"seq\":";
constexpr std::string_view kBeforeContent = ",\"content\":\"";
constexpr std::string_view kAfterContent = "\"}";

// Where bytes are written whose number is known: room for all of them is made once.
class Room {
 public:
  Room(std::string& out, std::size_t size) {
    const std::size_t begin = out.size();
    out.resize(begin + size);
    at_ = out.data() + begin;
  }
  void put(std::string_view bytes) { at_ += bytes.copy(at_, bytes.size()); }

 private:
  char* at_;
};

// One JSON object about to be written: its size is known before its bytes, as a chunk needs.
class Object {
 public:
  Object(std::string_view type, std::string_view escaped_name, std::int64_t seq,
         std::string_view content)
      : type_(type), name_(escaped_name), content_(content) {
    const auto [end, error] = std::to_chars(digits_, digits_ + sizeof digits_, seq);
    seq_size_ = static_cast<std::size_t>(end - digits_);
  }

  [[nodiscard]] std::size_t size() const {
    return kBeforeType.size() + type_.size() + kBeforeName.size() + name_.size() +
           kBeforeSeq.size() + seq_size_ + kBeforeContent.size() + content_.size() +
           kAfterContent.size();
  }

  void write_to(Room& room) const {
    room.put(kBeforeType);
    room.put(type_);
    room.put(kBeforeName);
    room.put(name_);
    room.put(kBeforeSeq);
    room.put({digits_, seq_size_});
    room.put(kBeforeContent);
    room.put(content_);
    room.put(kAfterContent);
  }
  void append_to(std::string& out) const {
    Room room(out, size());
    write_to(room);
  }

 private:
  std::string_view type_;
  std::string_view name_;
  std::string_view content_;
  char digits_[20];
  std::size_t seq_size_;
};

// The line of an event that names it.
class EventId {
 public:
  EventId(LastSeen last_seen, const OtherPositions& others) : others_(others) {
    if (!last_seen) return;
    const char* end = std::to_chars(digits_, digits_ + sizeof digits_, *last_seen).ptr;
    digits_size_ = static_cast<std::size_t>(end - digits_);
  }

  [[nodiscard]] std::size_t size() const {
    if (digits_size_ == 0) return 0;
    return kField.size() + others_.before.size() + digits_size_ + others_.after.size() +
           kEnd.size();
  }
  void write_to(Room& room) const {
    if (digits_size_ == 0) return;
    room.put(kField);
    room.put(others_.before);
    room.put({digits_, digits_size_});
    room.put(others_.after);
    room.put(kEnd);
  }

 private:
  static constexpr std::string_view kField = "id: ";
  static constexpr std::string_view kEnd = "\n";
  const OtherPositions& others_;
  char digits_[20];
  std::size_t digits_size_ = 0;
};

void append_object(std::string& out, Framing framing, const Object& object, LastSeen last_seen,
                   const OtherPositions& others) {
  const TransportRow& row = row_of(framing.transport);
  const EventId id(framing.transport == Transport::kSse ? last_seen : std::nullopt, others);
  const std::size_t size = id.size() + row.prefix.size() + object.size() + row.suffix.size();
  if (framing.chunked) {
    http::append_chunk_head(out, size);
  } else if (framing.transport == Transport::kWebSocket) {
    http::append_frame_head(out, http::Opcode::kText, object.size());
  }
  Room room(out, size + (framing.chunked ? http::kChunkEnd.size() : 0));
  id.write_to(room);
  room.put(row.prefix);
  object.write_to(room);
  room.put(row.suffix);
  if (framing.chunked) room.put(http::kChunkEnd);
}

std::string_view type_name(Message::Type type) {
  return type == Message::Type::kData ? kDataType : kBroadcastType;
}

void open_wrap(std::string& out, const PollWrap& wrap) {
  if (wrap.jsonp) out.append(wrap.callback).push_back('(');
}

void close_wrap(std::string& out, const PollWrap& wrap) { out.append(wrap.jsonp ? ");\n" : "\n"); }

}  // namespace

const TransportRow& row_of(Transport transport) {
  return kRows[static_cast<std::size_t>(transport)];
}

std::string escaped_name(Transport transport, std::string_view name) {
  std::string json;
  http::append_json_escaped(json, name);
  if (transport != Transport::kIframe || !http::needs_iframe_escape(json)) return json;
  std::string escaped;
  http::append_iframe_escaped(escaped, json);
  return escaped;
}

void append_chunk(std::string& out, Framing framing, std::string_view bytes) {
  if (bytes.empty()) return;
  if (!framing.chunked) {
    out.append(bytes);
    return;
  }
  http::append_chunk_head(out, bytes.size());
  out.append(bytes).append(http::kChunkEnd);
}

void append_control(std::string& out, Framing framing, std::string_view escaped_name,
                    std::string_view type, std::int64_t seq, std::string_view content,
                    LastSeen last_seen, const OtherPositions& others) {
  append_object(out, framing, Object(type, escaped_name, seq, content), last_seen, others);
}

void append_next(std::string& out, Framing framing, std::string_view escaped_name,
                 std::string_view type, std::uint64_t next, const OtherPositions& others) {
  append_control(out, framing, escaped_name, type, static_cast<std::int64_t>(next), {}, next - 1,
                 others);
}

void append_going_away(std::string& out) {
  http::append_close_frame(out, http::CloseCode::kGoingAway, {});
}

void append_retry(std::string& out, Framing framing, std::uint32_t retry_ms) {
  if (framing.transport != Transport::kSse || retry_ms == 0) return;
  append_chunk(out, framing, "retry: " + std::to_string(retry_ms) + "\n\n");
}

void append_message(std::string& out, Framing framing, std::string_view escaped_name,
                    std::uint64_t seq, const Message& message, const OtherPositions& others) {
  if (framing.transport == Transport::kPresence) {
    append_chunk(out, framing, message.content());
    return;
  }
  std::string_view content = message.content();
  std::string for_script;
  if (message.could_end_script() && framing.transport == Transport::kIframe) {
    http::append_iframe_escaped(for_script, content);
    content = for_script;
  }
  const auto number = static_cast<std::int64_t>(seq);
  append_object(out, framing, Object(type_name(message.type()), escaped_name, number, content), seq,
                others);
  // Old clients do not count broadcasts.
  if (message.type() == Message::Type::kBroadcast) {
    append_object(out, framing, Object(kNextSeqType, escaped_name, number + 1, {}), seq, others);
  }
}

std::string_view PollWrap::content_type() const {
  return jsonp ? row_of(Transport::kPoll).content_type : row_of(Transport::kStream).content_type;
}

void append_poll_control(std::string& out, const PollWrap& wrap, std::string_view escaped_name,
                         std::string_view type, std::int64_t seq, std::string_view content) {
  open_wrap(out, wrap);
  append_poll_object(out, escaped_name, type, seq, content);
  close_wrap(out, wrap);
}

void append_poll_object(std::string& out, std::string_view escaped_name, std::string_view type,
                        std::int64_t seq, std::string_view content) {
  Object(type, escaped_name, seq, content).append_to(out);
}

std::size_t append_poll_objects(std::string& out, std::string_view escaped_name,
                                const History& messages, std::uint64_t from) {
  std::size_t objects = 0;
  for (std::uint64_t seq = from; seq < messages.next(); ++seq) {
    if (seq != from) out.push_back(',');
    const Message& message = *messages.at(seq);
    const auto number = static_cast<std::int64_t>(seq);
    Object(type_name(message.type()), escaped_name, number, message.content()).append_to(out);
    ++objects;
    if (message.type() == Message::Type::kBroadcast) {
      out.push_back(',');
      Object(kNextSeqType, escaped_name, number + 1, {}).append_to(out);
      ++objects;
    }
  }
  return objects;
}

void append_poll_body(std::string& out, const PollWrap& wrap, PollBody body,
                      std::string_view objects) {
  open_wrap(out, wrap);
  if (body == PollBody::kArray) out.push_back('[');
  out.append(objects);
  if (body == PollBody::kArray) out.push_back(']');
  close_wrap(out, wrap);
}

void append_poll_messages(std::string& out, const PollWrap& wrap, std::string_view escaped_name,
                          const History& messages, std::uint64_t from, PollForm form) {
  const bool single = messages.next() - from == 1;
  const bool array = form == PollForm::kWaiting || !single ||
                     messages.at(from)->type() == Message::Type::kBroadcast;
  open_wrap(out, wrap);
  if (array) out.push_back('[');
  append_poll_objects(out, escaped_name, messages, from);
  if (array) out.push_back(']');
  close_wrap(out, wrap);
}

// One object more before the bracket that closes the array.
void append_poll_gap(std::string& out, const PollWrap& wrap, std::string_view escaped_name,
                     const History& messages, std::uint64_t next) {
  append_poll_messages(out, wrap, escaped_name, messages, messages.begin(), PollForm::kWaiting);
  out.resize(out.rfind(']'));
  out.push_back(',');
  Object(kNextSeqType, escaped_name, static_cast<std::int64_t>(next), {}).append_to(out);
  out.push_back(']');
  close_wrap(out, wrap);
}

}  // namespace comet

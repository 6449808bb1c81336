#include "bench/load/comet_dialect.h"

#include <algorithm>

#include "bench/load/http_text.h"

namespace load {
namespace {

constexpr std::string_view kBeforeType = "{\"type\":\"";
constexpr std::string_view kBeforeNumber = "\",\"seq\":";
constexpr std::string_view kBeforeContent = ",\"content\":\"";
constexpr std::string_view kObjectEnd = "\"}";
constexpr std::string_view kCrLf = "\r\n";
constexpr std::string_view kRequestEnd = " HTTP/1.1\r\nHost: load\r\n";
// A longer content goes into a body: a request's target is bounded.
constexpr std::size_t kTargetBytes = 4096;

// What stands around a message of each endless transport, and before the first.
struct Frame {
  std::string_view before;
  std::string_view after;
  std::string_view preamble;
};

Frame frame_of(Transport transport) {
  switch (transport) {
    case Transport::kSse:
      return {"data: ", "\n\n", "retry: "};
    case Transport::kIframe:
      return {"<script>parent.icomet_cb(", ");</script>\n", "<!DOCTYPE html>"};
    default:
      return {"", "\n", {}};
  }
}

std::string path_of(const Options& options) {
  return options.server == Server::kFloor ? "stream" : options.transport_name;
}

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

// The size line of a chunk (RFC 9112 7.1), taken off; nothing while it is not whole. More than
// kLongestSize digits are no size.
enum class SizeLine : std::uint8_t { kTaken, kIncomplete, kBad };
constexpr std::size_t kLongestSize = 8;

SizeLine take_size_line(std::string_view& bytes, std::size_t& size) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < bytes.size() && i <= kLongestSize; ++i) {
    const char c = bytes[i];
    if (c >= '0' && c <= '9') {
      value = value * 16 + static_cast<std::size_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = value * 16 + static_cast<std::size_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      value = value * 16 + static_cast<std::size_t>(c - 'A' + 10);
    } else if (c == '\r' && i > 0) {
      if (i + 1 == bytes.size()) return SizeLine::kIncomplete;
      if (bytes[i + 1] != '\n') return SizeLine::kBad;
      bytes.remove_prefix(i + 2);
      size = value;
      return SizeLine::kTaken;
    } else {
      return SizeLine::kBad;
    }
  }
  return bytes.size() <= kLongestSize ? SizeLine::kIncomplete : SizeLine::kBad;
}

// The key is the RFC's example: this client trusts its server.
constexpr std::string_view kUpgradeLines =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
constexpr unsigned char kTextFrame = 0x81;
constexpr unsigned char kPingFrame = 0x89;
// A client's frames are masked, if only with zeros.
constexpr std::string_view kEmptyPong{"\x8a\x80\0\0\0\0", 6};

struct WholeFrame {
  unsigned char head;
  std::size_t size;  // of its payload
};

// A frame of a server's, its head taken off; nothing while it is not whole.
std::optional<WholeFrame> take_frame(std::string_view& bytes) {
  const auto byte = [&bytes](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  if (bytes.size() < 2) return std::nullopt;
  std::size_t size = byte(1);
  std::size_t head_size = 2;
  if (size > 125) {
    head_size += size == 126 ? 2 : 8;
    if (bytes.size() < head_size) return std::nullopt;
    size = 0;
    for (std::size_t i = 2; i < head_size; ++i) size = size << 8 | byte(i);
  }
  if (bytes.size() - head_size < size) return std::nullopt;
  const WholeFrame frame{byte(0), size};
  bytes.remove_prefix(head_size);
  return frame;
}

}  // namespace

CometObjects::CometObjects(const std::string& prefix, std::size_t content_bytes)
    : before_channel_(std::string(kBeforeType) + "data\",\"cname\":\"" + prefix),
      after_number_(std::string(kBeforeContent) + std::string(content_bytes, 'x') +
                    std::string(kObjectEnd)) {}

std::size_t CometObjects::read(std::string_view text, Channel channel, Arrived& arrived) const {
  if (const std::size_t size = read_data(text, channel, arrived)) [[likely]]
    return size;
  return read_control(text, arrived);
}

std::size_t CometObjects::read_data(std::string_view text, Channel channel,
                                    Arrived& arrived) const {
  std::string_view rest = text;
  if (!take(rest, before_channel_)) return 0;
  const auto named = take_number(rest);
  if (!named || *named != channel || !take(rest, kBeforeNumber)) return 0;
  const auto number = take_number(rest);
  if (!number || !take(rest, after_number_)) return 0;
  arrived.numbers.push_back(*number);
  return text.size() - rest.size();
}

std::size_t CometObjects::read_control(std::string_view text, Arrived& arrived) {
  const auto not_understood = [&]() -> std::size_t {
    arrived.error = "not what was published: " + excerpt(text);
    return 0;
  };
  std::string_view rest = text;
  if (!take(rest, kBeforeType)) return not_understood();
  const std::string_view type = rest.substr(0, rest.find('"'));
  const std::size_t number_at = rest.find(kBeforeNumber);
  if (number_at == std::string_view::npos) return not_understood();
  rest.remove_prefix(number_at + kBeforeNumber.size());
  const auto number = take_number(rest);
  const std::size_t end = rest.find(kObjectEnd);
  if (!number || end == std::string_view::npos) return not_understood();
  const std::size_t size = text.size() - rest.size() + end + kObjectEnd.size();
  if (type == "next_seq") {
    arrived.next_seq = *number;
  } else if (type == "data") {
    return not_understood();
  } else if (type != "noop") {
    // close, 401, 429, or a broadcast of somebody else.
    arrived.error = "the server said: " + excerpt(text.substr(0, size));
    return 0;
  }
  return size;
}

CometDialect::CometDialect(const Options& options)
    : objects_(options.channel_prefix, options.content_bytes),
      subscribe_("GET /" + path_of(options) + "?cname=" + options.channel_prefix) {
  const std::string content(options.content_bytes, 'x');
  const std::string path = "/push?cname=" + options.channel_prefix;
  if (options.content_bytes <= kTargetBytes) {
    push_ = "GET " + path;
    after_push_ = "&content=" + content + std::string(kRequestEnd) + "\r\n";
  } else {
    push_ = "POST " + path;
    after_push_ = std::string(kRequestEnd) +
                  "Content-Type: text/plain\r\nContent-Length: " + std::to_string(content.size()) +
                  "\r\n\r\n" + content;
  }
}

void CometDialect::append_subscribe(std::string& out, Channel channel, std::uint64_t next) const {
  out.append(subscribe_).append(channel_name({}, channel)).append("&seq=");
  out.append(std::to_string(next)).append(kRequestEnd).append("\r\n");
}

void CometDialect::append_publish(std::string& out, Channel channel,
                                  std::uint64_t /*number*/) const {
  out.append(push_).append(channel_name({}, channel)).append(after_push_);
}

CometStreams::CometStreams(const Options& options) : CometDialect(options) {
  const Frame frame =
      frame_of(options.server == Server::kFloor ? Transport::kStream : options.transport);
  before_ = frame.before;
  after_ = frame.after;
  preamble_ = frame.preamble;
}

std::size_t CometStreams::decode(std::string_view bytes, Stream& stream, Arrived& arrived) const {
  std::string_view rest = bytes;
  if (!stream.head_seen) {
    if (!take_head(rest, arrived)) return 0;
    stream.head_seen = stream.subscribed = true;
  }
  for (;;) {
    std::string_view frame = rest;
    std::size_t size = 0;
    const SizeLine line = take_size_line(frame, size);
    if (line == SizeLine::kBad) arrived.error = "not a chunk: " + excerpt(rest);
    if (line != SizeLine::kTaken || frame.size() < size + kCrLf.size()) break;
    if (frame.substr(size, kCrLf.size()) != kCrLf) {
      arrived.error = "a chunk without its end: " + excerpt(rest);
      break;
    }
    if (size == 0) {
      arrived.error = "the server ended a response";
      break;
    }
    read_chunk(frame.substr(0, size), stream.channel, arrived);
    if (!arrived.error.empty()) break;
    rest = frame.substr(size + kCrLf.size());
  }
  return bytes.size() - rest.size();
}

void CometStreams::read_chunk(std::string_view data, Channel channel, Arrived& arrived) const {
  if (!preamble_.empty() && data.starts_with(preamble_)) return;
  std::string_view rest = data;
  // The id of an event.
  if (take(rest, "id: ")) rest.remove_prefix(std::min(rest.find('\n') + 1, rest.size()));
  if (take(rest, before_)) {
    const std::size_t size = objects_.read(rest, channel, arrived);
    if (size != 0 && rest.substr(size) == after_) return;
  }
  if (arrived.error.empty()) arrived.error = "not what was published: " + excerpt(data);
}

void CometSockets::append_subscribe(std::string& out, Channel channel, std::uint64_t next) const {
  CometDialect::append_subscribe(out, channel, next);
  out.erase(out.size() - kCrLf.size());
  out.append(kUpgradeLines).append(kCrLf);
}

bool CometSockets::take_upgrade(std::string_view& bytes, Arrived& arrived) {
  const auto head = read_head(bytes);
  if (!head) return false;
  if (head->status != 101) {
    arrived.error = "a subscriber was refused: " + excerpt(bytes);
    return false;
  }
  bytes.remove_prefix(head->bytes);
  return true;
}

std::size_t CometSockets::decode(std::string_view bytes, Stream& stream, Arrived& arrived) const {
  std::string_view rest = bytes;
  if (!stream.head_seen) {
    if (!take_upgrade(rest, arrived)) return 0;
    stream.head_seen = stream.subscribed = true;
  }
  for (;;) {
    std::string_view payload = rest;
    const std::optional<WholeFrame> frame = take_frame(payload);
    if (!frame) break;
    if (frame->head == kTextFrame) {
      const std::string_view text = payload.substr(0, frame->size);
      const std::size_t size = objects_.read(text, stream.channel, arrived);
      if (arrived.error.empty() && size != frame->size) {
        arrived.error = "not what was published: " + excerpt(text);
      }
    } else if (frame->head == kPingFrame) {
      arrived.pinged = true;
    } else {
      arrived.error = "neither a text nor a ping: " + excerpt(rest);
    }
    if (!arrived.error.empty()) break;
    rest = payload.substr(frame->size);
  }
  return bytes.size() - rest.size();
}

std::string_view CometSockets::pong() const { return kEmptyPong; }

std::size_t CometPolls::decode(std::string_view bytes, Stream& stream, Arrived& arrived) const {
  std::string_view rest = bytes;
  // One response at a time: the next is not asked for before this one is whole.
  const auto head = take_head(rest, arrived);
  if (!head) return 0;
  if (!head->content_length) {
    arrived.error = "an answer without a length: " + excerpt(bytes);
    return 0;
  }
  if (rest.size() < *head->content_length) return 0;
  const std::string_view body = rest.substr(0, *head->content_length);
  // Between the callback's name and brackets stand the objects, with commas between them.
  std::size_t at = std::min(body.find(kBeforeType), body.size());
  do {
    const std::size_t size = objects_.read(body.substr(at), stream.channel, arrived);
    if (size == 0) return 0;
    at += size;
  } while (body.substr(at++, 1) == ",");
  stream.subscribed = true;
  arrived.response_ended = true;
  return head->bytes + body.size();
}

namespace {

// The floor's channel is called c0.
Options with_name_of_floor(Options options) {
  options.channel_prefix = "c";
  return options;
}

}  // namespace

FloorStreams::FloorStreams(const Options& options) : CometStreams(with_name_of_floor(options)) {}

}  // namespace load

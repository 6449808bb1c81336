#include "tests/support/websocket_client.h"

#include <utility>

namespace support {
namespace {

constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

std::uint8_t byte_of(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

std::string_view name_of(std::uint8_t opcode) {
  switch (opcode) {
    case kText:
      return "text";
    case kBinary:
      return "binary";
    case kClose:
      return "close";
    case kPing:
      return "ping";
    case kPong:
      return "pong";
    default:
      return "frame";
  }
}

}  // namespace

std::string ServerFrame::words() const {
  std::string text(name_of(opcode));
  if (opcode != kClose || payload.size() < 2) return text.append("(").append(payload).append(")");
  text.append("(").append(std::to_string(byte_of(payload, 0) << 8 | byte_of(payload, 1)));
  if (payload.size() > 2) text.append(" ").append(payload, 2);
  return text.append(")");
}

WebsocketClient::WebsocketClient(std::uint16_t port, std::string_view target,
                                 std::string_view headers)
    : client_(port) {
  client_.get(target, std::string(kWebsocketHeaders).append(headers));
  head_ = client_.read_head();
  if (head_.status != 101 || head_.header("sec-websocket-accept") != kAccept) {
    throw ClientError("no WebSocket: " + head_.status_line);
  }
}

ServerFrame WebsocketClient::next_frame() {
  const std::string head = client_.read_exactly(2);
  const std::uint8_t first = byte_of(head, 0);
  const std::uint8_t second = byte_of(head, 1);
  ServerFrame frame;
  frame.opcode = first & 0x0f;
  if ((first & 0xf0) != 0x80) throw ClientError("a frame in parts, or with reserved bits");
  if (second >= 0x80) throw ClientError("a server's frame is masked");
  std::uint64_t size = second;
  if (second > 125) {
    if (frame.opcode >= kClose) throw ClientError("a long control frame");
    const std::string length = client_.read_exactly(second == 126 ? 2 : 8);
    size = 0;
    for (std::size_t i = 0; i < length.size(); ++i) size = size << 8 | byte_of(length, i);
    if (size < (second == 126 ? 126u : 0x10000u)) throw ClientError("a length that is too long");
  }
  frame.payload = client_.read_exactly(size);
  return frame;
}

std::string WebsocketClient::next_text() {
  ServerFrame frame = next_frame();
  if (frame.opcode != kText) throw ClientError("not a text: " + frame.words());
  return std::move(frame.payload);
}

std::string WebsocketClient::read_close() {
  const ServerFrame frame = next_frame();
  if (frame.opcode != kClose) throw ClientError("not a close frame: " + frame.words());
  client_.expect_end();
  return frame.words();
}

std::string WebsocketClient::read_all() {
  std::string all;
  while (!client_.at_end()) all.append(all.empty() ? "" : " ").append(next_frame().words());
  return all;
}

}  // namespace support

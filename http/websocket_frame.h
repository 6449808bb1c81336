// Frames that a WebSocket server sends (RFC 6455 5.2): whole messages, not masked.
//
// Pure functions; any core. Frames that clients send are websocket_decoder's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace http {

// RFC 6455 11.8.
enum class Opcode : std::uint8_t {
  kContinuation = 0x0,
  kText = 0x1,
  kBinary = 0x2,
  kClose = 0x8,
  kPing = 0x9,
  kPong = 0xa,
};

// Appends the head of a frame with FIN set whose payload has that many bytes and follows.
void append_frame_head(std::string& out, Opcode opcode, std::size_t payload_size);
// Appends such a frame.
void append_frame(std::string& out, Opcode opcode, std::string_view payload);

}  // namespace http

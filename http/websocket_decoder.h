// Bytes of a WebSocket client in, messages and control frames out (RFC 6455 5), cut anywhere.
//
// Owned by one connection while a part of a frame or message is here, or by a core that lends it to
// one; only that core may call it. It copies what it keeps, unmasked, so the bytes given to
// decode() may go as soon as it returns.
//
// Invariants: how the bytes were cut changes nothing but the number of calls. What is kept is at
// most a message of the limit and a control frame, whatever arrives. A fault is told as soon as the
// byte that makes it is here, so a text that can't be UTF-8 is not waited for (5.6, 8.1). After a
// fault nothing of the connection is to be believed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/utf8_stream.h"
#include "http/websocket_close.h"
#include "http/websocket_frame.h"

namespace http {

// Why a connection has failed. The reason is a line for the close frame; it lives as long as the
// program.
struct WebsocketFault {
  CloseCode code = CloseCode::kProtocolError;
  std::string_view reason;
};

class WebsocketDecoder {
 public:
  enum class State : std::uint8_t { kNeedMore, kText, kBinary, kPing, kPong, kClose, kFailed };

  struct Progress {
    State state = State::kNeedMore;
    std::size_t consumed = 0;  // the bytes beyond belong to what comes next
  };

  explicit WebsocketDecoder(std::size_t message_bytes_max)
      : message_bytes_max_(message_bytes_max) {}

  // Bytes of a message which is not complete; and those that are held for it, or for the last.
  [[nodiscard]] std::size_t size() const { return in_message_ ? message_.size() : 0; }
  [[nodiscard]] std::size_t memory() const { return message_.capacity(); }

  // What the bytes complete first. After kFailed further calls consume nothing and say the
  // same until reset().
  Progress decode(std::string_view bytes);

  // Of what was completed; valid until the next decode() or reset(). For kClose the reason, which
  // is UTF-8, as a text is.
  [[nodiscard]] std::string_view payload() const { return payload_; }
  // After kClose.
  [[nodiscard]] CloseCode close_code() const { return close_code_; }
  // After kFailed.
  [[nodiscard]] WebsocketFault fault() const { return fault_; }

  // No part of a frame or of a message is here.
  [[nodiscard]] bool idle() const {
    return phase_ == Phase::kHead && !in_message_ && head_size_ == 0;
  }

  // Makes ready for another connection. Keeps storage, up to kKeptBytesMax.
  void reset();

  static constexpr std::size_t kKeptBytesMax = 4 * 1024;

 private:
  enum class Phase : std::uint8_t { kHead, kPayload, kFailed };
  static constexpr std::size_t kHeadBytesMax = 14;
  static constexpr std::size_t kControlBytesMax = 125;

  // Consumes bytes of a head; whether it is complete.
  bool take_head(std::string_view& bytes);
  bool look_at_flags();
  bool look_at_length();
  bool end_head();
  void take_payload(std::string_view& bytes);
  void unmask(std::string& into, std::string_view masked);
  State end_frame();
  State end_message();
  State end_close();
  State fail(CloseCode code, std::string_view reason);

  [[nodiscard]] bool is_control() const { return static_cast<std::uint8_t>(opcode_) >= 8; }
  [[nodiscard]] std::size_t head_bytes() const;

  const std::size_t message_bytes_max_;
  Phase phase_ = Phase::kHead;
  Opcode opcode_ = Opcode::kContinuation;
  bool final_ = false;
  bool in_message_ = false;  // a message has begun; frames of others may come between (5.4)
  bool is_text_ = false;     // that message
  std::uint8_t head_size_ = 0;
  std::array<std::uint8_t, kHeadBytesMax> head_{};
  std::array<std::uint8_t, 4> mask_{};
  std::uint64_t missing_ = 0;  // bytes of the frame's payload
  std::size_t mask_at_ = 0;
  Utf8Stream text_;
  std::string message_;
  std::string control_;
  std::string_view payload_;
  CloseCode close_code_ = CloseCode::kNoStatus;
  WebsocketFault fault_;
};

}  // namespace http

#include "http/websocket_decoder.h"

#include <algorithm>

#include "http/utf8.h"

namespace http {
namespace {

// The two bytes with which each head begins (RFC 6455 5.2).
constexpr std::uint8_t kFin = 0x80;
constexpr std::uint8_t kReserved = 0x70;
constexpr std::uint8_t kOpcode = 0x0f;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kLength = 0x7f;

constexpr std::size_t kFixedHeadBytes = 2;
constexpr std::size_t kMaskBytes = 4;
constexpr std::uint8_t kLengthIn2Bytes = 126;
constexpr std::uint8_t kLengthIn8Bytes = 127;

std::size_t length_bytes(std::uint8_t length) {
  if (length == kLengthIn2Bytes) return 2;
  return length == kLengthIn8Bytes ? 8 : 0;
}

// The least that may be written in so many bytes: "the minimal number of bytes MUST be used".
std::uint64_t least_length(std::uint8_t length) {
  if (length == kLengthIn2Bytes) return 126;
  return length == kLengthIn8Bytes ? 0x10000 : 0;
}

constexpr std::string_view kTooBig = "message too big";
constexpr std::string_view kNotUtf8 = "text is not valid UTF-8";

}  // namespace

WebsocketDecoder::Progress WebsocketDecoder::decode(std::string_view bytes) {
  const std::size_t given = bytes.size();
  const auto progress = [&](State state) { return Progress{state, given - bytes.size()}; };
  if (phase_ == Phase::kFailed) return progress(State::kFailed);
  for (;;) {
    if (phase_ == Phase::kHead && !take_head(bytes)) {
      return progress(phase_ == Phase::kFailed ? State::kFailed : State::kNeedMore);
    }
    take_payload(bytes);
    if (phase_ == Phase::kFailed) return progress(State::kFailed);
    if (missing_ > 0) return progress(State::kNeedMore);
    const State state = end_frame();
    // A frame that only continues a message is nothing yet.
    if (state != State::kNeedMore) return progress(state);
  }
}

std::size_t WebsocketDecoder::head_bytes() const {
  if (head_size_ < kFixedHeadBytes) return kFixedHeadBytes;
  return kFixedHeadBytes + length_bytes(head_[1] & kLength) + kMaskBytes;
}

bool WebsocketDecoder::take_head(std::string_view& bytes) {
  while (head_size_ < head_bytes()) {
    if (bytes.empty()) return false;
    head_[head_size_++] = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (head_size_ == 1 && !look_at_flags()) return false;
    if (head_size_ == kFixedHeadBytes && !look_at_length()) return false;
  }
  return end_head();
}

bool WebsocketDecoder::look_at_flags() {
  const auto wrong = [this](std::string_view reason) {
    fail(CloseCode::kProtocolError, reason);
    return false;
  };
  final_ = (head_[0] & kFin) != 0;
  opcode_ = static_cast<Opcode>(head_[0] & kOpcode);
  // No extension was negotiated that would give them a meaning.
  if ((head_[0] & kReserved) != 0) return wrong("reserved bits are set");
  switch (opcode_) {
    case Opcode::kContinuation:
      return in_message_ || wrong("nothing to continue");
    case Opcode::kText:
    case Opcode::kBinary:
      return !in_message_ || wrong("a message within another");
    case Opcode::kClose:
    case Opcode::kPing:
    case Opcode::kPong:
      return final_ || wrong("fragmented control frame");
  }
  return wrong("unknown opcode");
}

bool WebsocketDecoder::look_at_length() {
  if ((head_[1] & kMasked) == 0) {
    fail(CloseCode::kProtocolError, "frame is not masked");
    return false;
  }
  if (is_control() && (head_[1] & kLength) > kControlBytesMax) {
    fail(CloseCode::kProtocolError, "control frame too long");
    return false;
  }
  return true;
}

bool WebsocketDecoder::end_head() {
  const std::uint8_t length = head_[1] & kLength;
  const std::size_t length_end = kFixedHeadBytes + length_bytes(length);
  missing_ = length_end == kFixedHeadBytes ? length : 0;
  for (std::size_t i = kFixedHeadBytes; i < length_end; ++i) missing_ = missing_ << 8 | head_[i];
  std::copy_n(head_.begin() + length_end, kMaskBytes, mask_.begin());
  head_size_ = 0;
  mask_at_ = 0;
  if (missing_ < least_length(length) || missing_ >> 63 != 0) {
    fail(CloseCode::kProtocolError, "length is not written in its shortest form");
    return false;
  }
  if (is_control()) {
    control_.clear();
  } else {
    if (!in_message_) {
      message_.clear();
      text_.reset();
      in_message_ = true;
      is_text_ = opcode_ == Opcode::kText;
    }
    if (missing_ > message_bytes_max_ - message_.size()) {
      fail(CloseCode::kTooBig, kTooBig);
      return false;
    }
  }
  phase_ = Phase::kPayload;
  return true;
}

void WebsocketDecoder::take_payload(std::string_view& bytes) {
  const std::string_view masked = bytes.substr(0, missing_);
  bytes.remove_prefix(masked.size());
  missing_ -= masked.size();
  if (is_control()) {
    unmask(control_, masked);
    return;
  }
  const std::size_t before = message_.size();
  unmask(message_, masked);
  if (is_text_ && !text_.feed(std::string_view(message_).substr(before))) {
    fail(CloseCode::kInvalidData, kNotUtf8);
  }
}

void WebsocketDecoder::unmask(std::string& into, std::string_view masked) {
  for (const char c : masked) {
    into.push_back(static_cast<char>(static_cast<std::uint8_t>(c) ^ mask_[mask_at_]));
    mask_at_ = (mask_at_ + 1) % kMaskBytes;
  }
}

WebsocketDecoder::State WebsocketDecoder::end_frame() {
  phase_ = Phase::kHead;
  switch (opcode_) {
    case Opcode::kPing:
      payload_ = control_;
      return State::kPing;
    case Opcode::kPong:
      payload_ = control_;
      return State::kPong;
    case Opcode::kClose:
      return end_close();
    default:
      return final_ ? end_message() : State::kNeedMore;
  }
}

WebsocketDecoder::State WebsocketDecoder::end_message() {
  if (is_text_ && !text_.is_complete()) return fail(CloseCode::kInvalidData, kNotUtf8);
  in_message_ = false;
  payload_ = message_;
  return is_text_ ? State::kText : State::kBinary;
}

WebsocketDecoder::State WebsocketDecoder::end_close() {
  payload_ = control_;
  close_code_ = CloseCode::kNoStatus;
  if (control_.empty()) return State::kClose;
  if (control_.size() < 2) return fail(CloseCode::kProtocolError, "half a close code");
  const auto byte = [this](std::size_t i) { return static_cast<std::uint8_t>(control_[i]); };
  const auto code = static_cast<std::uint16_t>(byte(0) << 8 | byte(1));
  if (!is_valid_close_code(code)) return fail(CloseCode::kProtocolError, "invalid close code");
  payload_.remove_prefix(2);
  if (!is_valid_utf8(payload_)) {
    return fail(CloseCode::kInvalidData, "close reason is not valid UTF-8");
  }
  close_code_ = static_cast<CloseCode>(code);
  return State::kClose;
}

WebsocketDecoder::State WebsocketDecoder::fail(CloseCode code, std::string_view reason) {
  phase_ = Phase::kFailed;
  fault_ = {code, reason};
  return State::kFailed;
}

void WebsocketDecoder::reset() {
  phase_ = Phase::kHead;
  in_message_ = false;
  head_size_ = 0;
  missing_ = 0;
  payload_ = {};
  text_.reset();
  message_.clear();
  if (message_.capacity() > kKeptBytesMax) std::string().swap(message_);
  control_.clear();
}

}  // namespace http

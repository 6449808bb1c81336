// How a WebSocket says why it ends (RFC 6455 5.5.1 and 7.4).
//
// Functions of their arguments; usable from any core.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace http {

// The codes that this server sends, or must know.
enum class CloseCode : std::uint16_t {
  kNormal = 1000,
  kGoingAway = 1001,
  kProtocolError = 1002,
  kUnsupportedData = 1003,
  kNoStatus = 1005,  // never on the wire: a close frame that names none
  kInvalidData = 1007,
  kPolicyViolation = 1008,
  kTooBig = 1009,
  kTryAgainLater = 1013,  // of the IANA registry
};

// Whether a peer may send it: defined for that, or left to libraries and applications (7.4.2).
bool is_valid_close_code(std::uint16_t code);

// Appends a close frame of the server's. The reason is UTF-8 of at most 123 bytes; there is none
// where there is no code.
void append_close_frame(std::string& out, CloseCode code, std::string_view reason);

}  // namespace http

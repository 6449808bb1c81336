#include "http/websocket_frame.h"

namespace http {
namespace {

constexpr unsigned kFin = 0x80;
// A length up to 125 stands in the head's second byte; these say that it stands behind it.
constexpr std::size_t kShortMax = 125;
constexpr char kLengthOf16Bits = 126;
constexpr char kLengthOf64Bits = 127;

void append_big_endian(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(number >> shift & 0xff));
  }
}

}  // namespace

void append_frame_head(std::string& out, Opcode opcode, std::size_t payload_size) {
  out.push_back(static_cast<char>(kFin | static_cast<unsigned>(opcode)));
  if (payload_size <= kShortMax) {
    out.push_back(static_cast<char>(payload_size));
  } else if (payload_size <= 0xffff) {
    out.push_back(kLengthOf16Bits);
    append_big_endian(out, payload_size, 2);
  } else {
    out.push_back(kLengthOf64Bits);
    append_big_endian(out, payload_size, 8);
  }
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
  append_frame_head(out, opcode, payload.size());
  out.append(payload);
}

}  // namespace http

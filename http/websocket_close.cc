#include "http/websocket_close.h"

#include "http/websocket_frame.h"
#include "reactor/check.h"

namespace http {
namespace {

constexpr std::size_t kCodeBytes = 2;
constexpr std::size_t kControlBytesMax = 125;

}  // namespace

// 1004 to 1006 and 1015 are reserved, 1016 to 2999 undefined (7.4.2; IANA's registry has 1012 to
// 1014 besides).
bool is_valid_close_code(std::uint16_t code) {
  if (code >= 1004 && code <= 1006) return false;
  return (code >= 1000 && code <= 1014) || (code >= 3000 && code <= 4999);
}

void append_close_frame(std::string& out, CloseCode code, std::string_view reason) {
  if (code == CloseCode::kNoStatus) {
    append_frame_head(out, Opcode::kClose, 0);
    return;
  }
  DCHECK(kCodeBytes + reason.size() <= kControlBytesMax);
  append_frame_head(out, Opcode::kClose, kCodeBytes + reason.size());
  const auto number = static_cast<std::uint16_t>(code);
  out.push_back(static_cast<char>(number >> 8));
  out.push_back(static_cast<char>(number & 0xff));
  out.append(reason);
}

}  // namespace http

// A request that is answered at once whatever goes on, and its answer by the default configuration:
// the sign that a connection, or the server, goes on.
#pragma once

#include <string_view>

namespace support {

inline constexpr std::string_view kGetPing = "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n";
inline constexpr std::string_view kPingAnswer =
    "icomet_cb({\"type\":\"ping\",\"sub_timeout\":30});\n";

}  // namespace support

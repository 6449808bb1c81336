// What a WebSocket's client is told about the operations that it sent; see API.md.
//
// Pure functions; any core. Each appends one text frame.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace comet {

inline constexpr std::string_view kSubscribeOperation = "subscribe";
inline constexpr std::string_view kUnsubscribeOperation = "unsubscribe";

// `seq` is the number of the channel's first message that will come.
void append_subscribed(std::string& out, std::string_view cname, std::uint64_t seq);
void append_unsubscribed(std::string& out, std::string_view cname);
// Nothing was changed. Operation and name may be anything that is UTF-8.
void append_operation_error(std::string& out, std::string_view operation, std::string_view cname,
                            std::string_view reason);

}  // namespace comet

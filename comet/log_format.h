// How a line of the log reads.
//
// A formatter belongs to the sink that it is given to and is called under that sink's lock.
#pragma once

#include <memory>
#include <string_view>

#include <spdlog/formatter.h>

namespace comet {

// "text": time (RFC 3339, UTC, so that lines of several machines sort together), level, message.
// "json": an object a line, keys "time", "level" and "message", valid UTF-8 whatever was logged.
std::unique_ptr<spdlog::formatter> make_log_formatter(std::string_view format);

}  // namespace comet

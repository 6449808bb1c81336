// Which JSONP callbacks are let into a script.
//
// A function of its argument; usable from any core.
#pragma once

#include <cstddef>
#include <string_view>

namespace http {

inline constexpr std::size_t kCallbackBytesMax = 128;

// One to kCallbackBytesMax of [A-Za-z0-9_$.\[\]]: names, members and indices, but nothing that
// could call, assign, quote or comment.
bool is_callback_path(std::string_view callback);

}  // namespace http

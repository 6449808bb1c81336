// Media types as Content-Type says them (RFC 9110 8.3.1).
//
// Functions of their arguments; usable from any core.
#pragma once

#include <string_view>

namespace http {

// Is it this type, whatever its parameters? Types are case-insensitive; `expected` is in lower
// case.
bool is_media_type(std::string_view content_type, std::string_view expected);

}  // namespace http

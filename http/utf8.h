// Is it UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF)?
//
// A function of its argument; usable from any core.
#pragma once

#include <string_view>

namespace http {

bool is_valid_utf8(std::string_view bytes);

}  // namespace http

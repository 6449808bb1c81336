// Reason phrases of the status codes (RFC 9110 15, RFC 6585).
//
// A function of its argument; usable from any core.
#pragma once

#include <string_view>

namespace http {

// "Unknown" for a code this server never sends.
std::string_view status_reason(int status);

}  // namespace http

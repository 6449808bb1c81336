// The Date header's format (RFC 9110 5.6.7). No locale, no time zone, no call into libc.
//
// A function of its arguments; usable from any core.
#pragma once

#include <cstddef>
#include <cstdint>

namespace http {

inline constexpr std::size_t kImfFixdateBytes = 29;

// "Sun, 06 Nov 1994 08:49:37 GMT", without a final NUL. Times before 1970 or after 9999, which the
// format or the clock cannot mean, become the nearest it can.
void format_imf_fixdate(std::int64_t unix_seconds, char out[kImfFixdateBytes]);

}  // namespace http

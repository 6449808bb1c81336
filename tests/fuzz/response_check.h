// Whether bytes are one response of HTTP/1.1, whatever a request made of it (RFC 9112).
#pragma once

#include <string_view>

namespace fuzz {

// Fails a CHECK unless `bytes` are a head without anything that a client could have slipped in,
// and, where the head names a length and `has_body`, exactly that many bytes.
void check_response(std::string_view bytes, bool has_body);
// The same for what an administrator gets: a body of type JSON must be JSON.
void check_json_body(std::string_view body);

}  // namespace fuzz

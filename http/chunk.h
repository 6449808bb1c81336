// The chunked transfer coding, outgoing (RFC 9112 7.1): head, that many bytes, kChunkEnd.
//
// Functions of their arguments; usable from any core.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace http {

inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// The size in hex and CRLF. Never of size 0: that would end the body.
void append_chunk_head(std::string& out, std::size_t size);

}  // namespace http

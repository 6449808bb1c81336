// The header that a TCP proxy puts in front of a connection's bytes: whose connection it passes on.
//
// The PROXY protocol, versions 1 (a line of text) and 2 (binary), as HAProxy's
// doc/proxy-protocol.txt has them. Stateless: bytes in, address out. Only for listeners that ask
// for it, and there nothing else is taken for a connection's beginning: who could choose whether to
// send it could choose whose address he has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "reactor/endpoint.h"

namespace reactor {

struct ProxyHeader {
  enum class State : std::uint8_t { kNeedMore, kComplete, kMalformed };

  // What a proxy may send before the client's first byte, with all that it adds about TLS.
  static constexpr std::size_t kBytesMax = 4096;

  // `bytes` is all that came on the connection so far. What has a wrong beginning is malformed at
  // once, so that a client without a proxy is not kept waiting.
  static ProxyHeader parse(std::string_view bytes);

  State state = State::kNeedMore;
  std::size_t size = 0;  // when complete: the bytes behind it are the client's
  // When complete: the client. Nothing where the proxy speaks for itself (a health check), or the
  // client came to it by other means than TCP: then the connection's own peer counts.
  std::optional<Endpoint> client;
};

}  // namespace reactor

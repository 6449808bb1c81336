// Who sent a request that trusted proxies passed on: what X-Forwarded-For says.
//
// Each proxy adds at the right whom it got the request from, so the list is as good as its reader's
// trust, from the right: the client is the first who is no trusted proxy. What stands left of that
// entry the client may have written himself. A pure function, for requests whose peer is trusted.
#pragma once

#include <cstdint>

#include "comet/trusted_proxies.h"
#include "http/request.h"
#include "reactor/endpoint.h"

namespace comet {

struct ForwardedFor {
  enum class Kind : std::uint8_t {
    kAbsent,   // no such header: the proxy itself asks
    kClient,   // `client` is who asks
    kUnknown,  // a trusted proxy wrote what is no address: nobody knows who asks
  };

  static ForwardedFor read(const http::Request& request, const TrustedProxies& trusted);

  Kind kind = Kind::kAbsent;
  reactor::IpAddress client{};
};

}  // namespace comet

// Who is let in: what a configuration says about addresses, proxies and keys, ready to be asked.
//
// A part of a Snapshot, immutable, so every core may ask it. Pure decisions: a connection keeps its
// standing, two bits, and no address.
#pragma once

#include <optional>
#include <string>

#include "comet/access.h"
#include "comet/bearer_keys.h"
#include "comet/close_reason.h"
#include "comet/config.h"
#include "comet/reply.h"
#include "comet/routes.h"
#include "comet/trusted_proxies.h"
#include "http/request.h"
#include "reactor/endpoint.h"
#include "reactor/result.h"

namespace comet {

// What a connection's peer is worth.
struct Standing {
  bool denied = false;   // its address may not use the port
  bool trusted = false;  // it is believed whom it asks for (X-Forwarded-For)
  friend bool operator==(const Standing&, const Standing&) = default;
};

class Admission {
 public:
  static reactor::Result<Admission> make(const Config& config);

  // Of a TCP peer, or of the client that a proxy named in its header.
  [[nodiscard]] Standing standing(Port port, const reactor::IpAddress& address) const;
  // Of a peer on a Unix socket: the file's permissions have let it in.
  [[nodiscard]] Standing local_standing() const { return {false, proxies_.trusts_unix()}; }

  // Whether a TCP peer may say for whom it speaks, on a listener with the PROXY protocol. Without
  // trusted_proxies, whoever reaches such a listener may.
  [[nodiscard]] bool may_name_clients(const reactor::IpAddress& peer) const {
    return proxies_.empty() || proxies_.trusts(peer);
  }

  // HOT. Why a request on the admin port is turned away; nothing when it is let in.
  [[nodiscard]] std::optional<CloseReason> refusal(const http::Request& request,
                                                   Standing peer) const;

 private:
  Admission(AccessList admin_access, TrustedProxies proxies, BearerKeys admin_keys)
      : admin_access_(std::move(admin_access)),
        proxies_(std::move(proxies)),
        admin_keys_(std::move(admin_keys)) {}

  [[nodiscard]] bool is_denied(const http::Request& request, Standing peer) const;

  AccessList admin_access_;
  TrustedProxies proxies_;
  BearerKeys admin_keys_;
};

// The answer to a request that was turned away.
Reply refusal_reply(CloseReason reason);

// What an operator should hear about a configuration that lets everybody in; nothing otherwise.
std::optional<std::string> open_door_warning(const Config& config);

}  // namespace comet

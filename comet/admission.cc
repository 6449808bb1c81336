#include "comet/admission.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "comet/forwarded_for.h"
#include "comet/listener_spec.h"
#include "comet/web_assets.h"

namespace comet {
namespace {

using reactor::Error;
using reactor::IpAddress;

// Browsers say on whose behalf they ask (W3C Fetch Metadata): nobody's but the user's ("none"), the
// page's that the request goes to, or another's. A page of any site can make them send requests to
// loopback and to private networks, to the address of an administrator. Programs send nothing.
bool is_for_another_site(const http::Request& request) {
  const std::string_view site = request.header("sec-fetch-site");
  return !site.empty() && site != "same-origin" && site != "none";
}

bool is_loopback(const IpAddress& address) {
  return address.is_v4 ? address.bytes[0] == 127 : address == *IpAddress::parse("::1");
}

}  // namespace

reactor::Result<Admission> Admission::make(const Config& config) {
  auto access = AccessList::make(config.admin.allow, config.admin.deny);
  if (!access) return Error{access.error()};
  auto proxies = TrustedProxies::make(config.trusted_proxies);
  if (!proxies) return Error{proxies.error()};
  return Admission(std::move(*access), std::move(*proxies), BearerKeys(config.admin.key));
}

Standing Admission::standing(Port port, const IpAddress& address) const {
  return {port == Port::kAdmin && !admin_access_.permits(address), proxies_.trusts(address)};
}

bool Admission::is_denied(const http::Request& request, Standing peer) const {
  if (!peer.trusted) return peer.denied;
  const ForwardedFor found = ForwardedFor::read(request, proxies_);
  switch (found.kind) {
    case ForwardedFor::Kind::kClient:
      return !admin_access_.permits(found.client);
    case ForwardedFor::Kind::kUnknown:
      return !admin_access_.permits_unknown();
    case ForwardedFor::Kind::kAbsent:
      break;
  }
  return peer.denied;
}

std::optional<CloseReason> Admission::refusal(const http::Request& request, Standing peer) const {
  if (is_denied(request, peer)) return CloseReason::kAddressDenied;
  const bool foreign = is_for_another_site(request);
  if (!foreign && !admin_keys_.required()) return std::nullopt;
  // An unknown path is guarded, too: it is nobody's business what there is.
  const Route* route = find_route(Port::kAdmin, request.path);
  if (route != nullptr && route->guard == Guard::kOpen) return std::nullopt;
  // The console's page has nothing to hide; what it shows, it asks for.
  if (find_web_asset(Port::kAdmin, request.path) != nullptr) return std::nullopt;
  if (foreign) return CloseReason::kCrossSite;
  if (admin_keys_.accept(request.header("authorization"))) return std::nullopt;
  return CloseReason::kKeyMissing;
}

Reply refusal_reply(CloseReason reason) {
  if (reason == CloseReason::kKeyMissing) {
    Reply reply = Reply::error(401, "this needs a key: Authorization: Bearer KEY");
    reply.headers = "WWW-Authenticate: Bearer\r\n";  // RFC 6750 3
    return reply;
  }
  if (reason == CloseReason::kOriginRefused) {
    return Reply::error(403, "pages of this origin may not subscribe here");
  }
  if (reason == CloseReason::kCrossSite) {
    return Reply::error(403, "another site's page may not use the admin port");
  }
  Reply reply = Reply::error(403, "this address may not use the admin port");
  reply.close = true;
  return reply;
}

std::optional<std::string> open_door_warning(const Config& config) {
  const auto access = AccessList::make(config.admin.allow, config.admin.deny);
  if (!config.admin.key.empty() || !access || !access->permits_unknown()) return std::nullopt;
  for (const std::string& entry : config.admin.listen) {
    const auto spec = ListenerSpec::parse(entry);
    const auto* endpoint = spec ? std::get_if<reactor::Endpoint>(&spec->address) : nullptr;
    if (endpoint == nullptr || is_loopback(endpoint->address)) continue;
    return fmt::format(
        "whoever reaches {} may publish and read everything: set admin.key, or admin.allow and "
        "admin.deny",
        endpoint->to_string());
  }
  return std::nullopt;
}

}  // namespace comet

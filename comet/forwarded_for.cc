#include "comet/forwarded_for.h"

#include <algorithm>
#include <optional>
#include <ranges>
#include <string_view>

#include "http/ascii.h"

namespace comet {
namespace {

using Kind = ForwardedFor::Kind;

constexpr std::string_view kHeader = "x-forwarded-for";
// What nginx writes for a client that came over a Unix socket.
constexpr std::string_view kUnix = "unix:";

// Without the port that some proxies add, and the brackets that then stand around IPv6.
std::optional<std::string_view> host_in(std::string_view entry) {
  if (entry.starts_with('[')) {
    const std::size_t bracket = entry.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    const std::string_view rest = entry.substr(bracket + 1);
    if (!rest.empty() && (rest.front() != ':' || !http::is_port(rest.substr(1))))
      return std::nullopt;
    return entry.substr(1, bracket - 1);
  }
  const std::size_t colon = entry.find(':');
  const bool has_port =
      colon != std::string_view::npos && entry.find(':', colon + 1) == std::string_view::npos;
  if (!has_port) return entry;
  if (!http::is_port(entry.substr(colon + 1))) return std::nullopt;
  return entry.substr(0, colon);
}

// The walk from right to left.
class Walk {
 public:
  explicit Walk(const TrustedProxies& trusted) : trusted_(trusted) {}

  // False when the walk ends here.
  bool step(std::string_view entry) {
    if (entry.empty()) return true;  // RFC 9110 5.6.1.2: empty elements of a list don't count
    if (entry == kUnix && trusted_.trusts_unix()) return true;
    const auto host = host_in(entry);
    const auto address = host ? reactor::IpAddress::parse(*host)
                              : reactor::Result<reactor::IpAddress>(reactor::Error{});
    if (!address) {
      found_ = {Kind::kUnknown, {}};
      return false;
    }
    found_ = {Kind::kClient, *address};
    return trusted_.trusts(*address);
  }

  [[nodiscard]] const ForwardedFor& found() const { return found_; }

 private:
  const TrustedProxies& trusted_;
  ForwardedFor found_;
};

}  // namespace

ForwardedFor ForwardedFor::read(const http::Request& request, const TrustedProxies& trusted) {
  Walk walk(trusted);
  // Several headers of a name are one list (RFC 9110 5.3).
  for (const http::HeaderSlice& slice : std::views::reverse(request.headers)) {
    if (request.name_of(slice) != kHeader) continue;
    std::string_view list = request.value_of(slice);
    while (!list.empty()) {
      const std::size_t comma = list.rfind(',');
      const std::size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
      if (!walk.step(http::trimmed(list.substr(begin)))) return walk.found();
      list = list.substr(0, comma == std::string_view::npos ? 0 : comma);
    }
  }
  return walk.found();
}

}  // namespace comet

#include "comet/allowed_origins.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/ascii.h"

namespace comet {
namespace {

constexpr std::string_view kEverybody = "*";
constexpr std::string_view kOpaque = "null";  // of sandboxed frames and files
constexpr std::string_view kSchemeEnd = "://";
constexpr std::string_view kAnyName = "*.";

// "https://example.com:8443" in its three parts; scheme and port may be absent.
struct Parts {
  std::string_view scheme;
  std::string_view host;
  std::optional<std::string_view> port;
};

Parts split(std::string_view origin) {
  Parts parts;
  if (const std::size_t end = origin.find(kSchemeEnd); end != std::string_view::npos) {
    parts.scheme = origin.substr(0, end);
    origin.remove_prefix(end + kSchemeEnd.size());
  }
  const std::size_t bracket = origin.rfind(']');  // of an IPv6 address, whose colons are no port's
  const std::size_t colon = origin.find(':', bracket == std::string_view::npos ? 0 : bracket);
  parts.host = origin.substr(0, colon);
  if (colon != std::string_view::npos) parts.port = origin.substr(colon + 1);
  return parts;
}

bool is_word(std::string_view text, std::string_view besides) {
  return !text.empty() && std::ranges::all_of(text, [besides](char c) {
    return http::is_ascii_alphanumeric(c) || besides.find(c) != std::string_view::npos;
  });
}

bool is_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    return is_word(host.substr(1, host.size() - 2), ":.");
  }
  return is_word(host, "-._") && host.front() != '.';
}

bool is_default_port(std::string_view scheme, std::string_view port) {
  return (scheme == "http" && port == "80") || (scheme == "https" && port == "443");
}

// As browsers write it: in lower case, and without the port that the scheme implies.
std::string serialized(std::string_view entry) {
  std::string text(entry);
  std::ranges::transform(text, text.begin(), http::ascii_lower);
  const Parts parts = split(text);
  if (parts.port && is_default_port(parts.scheme, *parts.port)) {
    text.resize(text.size() - parts.port->size() - 1);
  }
  return text;
}

std::string allow_line(std::string_view origin) {
  return fmt::format("Access-Control-Allow-Origin: {}\r\n", origin);
}

bool is_same_origin(std::string_view origin, std::string_view host) {
  const std::size_t end = origin.find(kSchemeEnd);
  return end != std::string_view::npos &&
         http::equals_ignoring_case(origin.substr(end + kSchemeEnd.size()), host);
}

bool allows_nothing_but_everybody(std::span<const std::string> entries) {
  return !entries.empty() &&
         std::ranges::all_of(entries, [](const std::string& entry) { return entry == kEverybody; });
}

}  // namespace

AllowedOrigins::AllowedOrigins(std::span<const std::string> entries)
    : open_(allows_nothing_but_everybody(entries)) {
  for (const std::string& entry : entries) {
    const std::string origin = serialized(entry);
    const Parts parts = split(origin);
    if (origin == kEverybody) {
      everybody_ = true;
    } else if (parts.host.starts_with(kAnyName)) {
      Pattern pattern;
      pattern.scheme = parts.scheme;
      pattern.suffix = parts.host.substr(1);
      if (parts.port) pattern.port = std::string(*parts.port);
      // "https://*.example.com" means the scheme's port and no other.
      if (!parts.port && !parts.scheme.empty()) pattern.port = std::string();
      patterns_.push_back(std::move(pattern));
    } else {
      exact_.push_back(origin);
    }
  }
}

std::optional<std::string> AllowedOrigins::complaint(std::string_view entry) {
  if (entry == kEverybody || entry == kOpaque) return std::nullopt;
  const Parts parts = split(entry);
  const bool pattern = parts.host.starts_with(kAnyName);
  const bool has_scheme = entry.find(kSchemeEnd) != std::string_view::npos;
  const bool ok = (has_scheme ? is_word(parts.scheme, "+-.") : pattern) &&
                  is_host(pattern ? parts.host.substr(kAnyName.size()) : parts.host) &&
                  (!parts.port || http::is_port(*parts.port));
  if (ok) return std::nullopt;
  return fmt::format(
      "\"{}\" is neither * nor an origin like https://example.com nor a pattern like "
      "*.example.com",
      entry);
}

std::string AllowedOrigins::common_headers(std::span<const std::string> entries) {
  // Where answers differ, no cache may give one origin's to another (RFC 9110 12.5.5).
  return allows_nothing_but_everybody(entries) ? allow_line(kEverybody) : "Vary: Origin\r\n";
}

std::optional<std::string> AllowedOrigins::judge(const http::Request& request) const {
  const std::string_view origin = request.header("origin");
  if (origin.empty() || is_same_origin(origin, request.header("host"))) return std::string();
  if (std::ranges::find(exact_, origin) != exact_.end()) {
    return allow_line(origin) + "Access-Control-Allow-Credentials: true\r\n";
  }
  const bool matches = std::ranges::any_of(
      patterns_, [origin](const Pattern& pattern) { return pattern.matches(origin); });
  if (matches) return allow_line(origin);
  if (everybody_) return allow_line(kEverybody);
  return std::nullopt;
}

bool AllowedOrigins::Pattern::matches(std::string_view origin) const {
  const Parts parts = split(origin);
  return is_host(parts.host) && parts.host.size() > suffix.size() && parts.host.ends_with(suffix) &&
         (scheme.empty() || scheme == parts.scheme) &&
         (!port || *port == parts.port.value_or(std::string_view()));
}

}  // namespace comet

// Which pages may subscribe: the setting front.allow_origins.
//
// A browser says in Origin whose page asks (RFC 6454 7) and hides the answer from that page unless
// the answer names it (Fetch, section 3.2, CORS). A page that is not allowed gets no stream at all:
// an answer that nobody may read would still cost a place, and a WebSocket is not hidden by the
// browser. Programs send no Origin and are not concerned; neither are script elements and frames,
// which is why what is secret is kept by tokens.
//
// Owned by a core's Front; immutable.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"

namespace comet {

class AllowedOrigins {
 public:
  // Entries are "*" (everybody), origins as browsers write them ("https://example.com",
  // "http://localhost:3000", "null"), and patterns for the names below a domain:
  // "*.example.com" with any scheme and port, "https://*.example.com:8443" with these. Of none of
  // them must there be a complaint.
  explicit AllowedOrigins(std::span<const std::string> entries);

  // What is wrong with an entry, if anything is.
  static std::optional<std::string> complaint(std::string_view entry);

  // Header lines of every response, whoever asked.
  static std::string common_headers(std::span<const std::string> entries);

  // Everybody is admitted, and no answer has lines of its own.
  [[nodiscard]] bool is_open() const { return open_; }
  // Header lines that the response to this request has besides, "" for most; nothing when the
  // origin is refused. Only a page of an origin that stands there in full may send credentials.
  [[nodiscard]] std::optional<std::string> admit(const http::Request& request) const {
    if (open_) return std::string();
    return judge(request);
  }

 private:
  struct Pattern {
    std::string scheme;  // "" for any
    std::string suffix;  // of the host, with the dot: ".example.com"
    std::optional<std::string> port;
    [[nodiscard]] bool matches(std::string_view origin) const;
  };

  [[nodiscard]] std::optional<std::string> judge(const http::Request& request) const;

  bool open_ = false;  // nothing but "*" counts
  bool everybody_ = false;
  std::vector<std::string> exact_;
  std::vector<Pattern> patterns_;
};

}  // namespace comet

#include "http/websocket_handshake.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <optional>

#include "http/ascii.h"
#include "http/status.h"
#include "http/token.h"
#include "reactor/check.h"

namespace http {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::string_view kVersion = "13";
constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kKeyText = 24;  // in base64

constexpr std::string_view kUpgradeHeaders = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
constexpr std::string_view kVersionHeaders =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";

// The members of a list, over all headers of that name in their order (RFC 9110 5.6.1), until
// `visit` returns true. Says whether it did.
template <class Visit>
bool any_member(const Request& request, std::string_view lower_case_name, Visit&& visit) {
  for (const HeaderSlice& header : request.headers) {
    if (request.name_of(header) != lower_case_name) continue;
    std::string_view rest = request.value_of(header);
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      const std::string_view member = trimmed(rest.substr(0, comma));
      if (!member.empty() && visit(member)) return true;
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
  }
  return false;
}

bool lists(const Request& request, std::string_view lower_case_name, std::string_view member) {
  return any_member(request, lower_case_name, [member](std::string_view listed) {
    return equals_ignoring_case(listed, member);
  });
}

// The value of a header that must be there once; nothing where it is not.
std::optional<std::string_view> only(const Request& request, std::string_view lower_case_name) {
  std::optional<std::string_view> value;
  for (const HeaderSlice& header : request.headers) {
    if (request.name_of(header) != lower_case_name) continue;
    if (value) return std::nullopt;
    value = request.value_of(header);
  }
  return value;
}

// Sixteen bytes in base64 (RFC 4648 4), the padding included.
bool is_key(std::string_view text) {
  // EVP_DecodeBlock takes padding anywhere for zeros.
  if (text.size() != kKeyText || text.find('=') != kKeyText - 2 || !text.ends_with("==")) {
    return false;
  }
  std::array<unsigned char, kKeyBytes + 2> bytes;  // with two for the padding
  return EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                         static_cast<int>(text.size())) == static_cast<int>(bytes.size());
}

}  // namespace

std::variant<WebsocketHandshake, WebsocketRefusal> read_websocket_handshake(
    const Request& request) {
  if (request.method != Method::kGet || request.version_minor < 1 ||
      !lists(request, "upgrade", "websocket")) {
    return WebsocketRefusal{426, "this path speaks WebSocket only", kUpgradeHeaders};
  }
  if (!lists(request, "connection", "upgrade")) {
    return WebsocketRefusal{400, "Connection does not say Upgrade", {}};
  }
  // Before anything else that another version may do differently (RFC 6455 4.4).
  if (only(request, "sec-websocket-version") != kVersion) {
    return WebsocketRefusal{426, "Sec-WebSocket-Version must be 13", kVersionHeaders};
  }
  if (const auto host = only(request, "host"); !host || host->empty()) {
    return WebsocketRefusal{400, "a WebSocket handshake has one Host", {}};
  }
  const std::optional<std::string_view> key = only(request, "sec-websocket-key");
  if (!key || !is_key(*key)) {
    return WebsocketRefusal{400, "Sec-WebSocket-Key is not 16 bytes in base64", {}};
  }
  if (!request.body.empty()) {
    return WebsocketRefusal{400, "a WebSocket handshake has no body", {}};
  }
  WebsocketHandshake handshake;
  const bool malformed = any_member(request, "sec-websocket-protocol", [&](std::string_view name) {
    if (handshake.protocol.empty()) handshake.protocol = name;
    return !is_token(name);
  });
  if (malformed) return WebsocketRefusal{400, "Sec-WebSocket-Protocol is not a list of tokens", {}};
  handshake.accept = websocket_accept(*key);
  return handshake;
}

std::string websocket_accept(std::string_view key) {
  const std::string text = std::string(key).append(kGuid);
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  const unsigned char* const done =
      SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  CHECK(done != nullptr);
  std::array<unsigned char, (SHA_DIGEST_LENGTH + 2) / 3 * 4 + 1> base64;  // and a zero
  const int size = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(size)};
}

void append_websocket_head(std::string& out, const WebsocketHandshake& handshake,
                           std::string_view headers, std::string_view date) {
  out.append("HTTP/1.1 101 ").append(status_reason(101)).append("\r\n").append(kUpgradeHeaders);
  out.append("Sec-WebSocket-Accept: ").append(handshake.accept).append("\r\n");
  if (!handshake.protocol.empty()) {
    out.append("Sec-WebSocket-Protocol: ").append(handshake.protocol).append("\r\n");
  }
  out.append("Date: ").append(date).append("\r\n").append(headers).append("\r\n");
}

}  // namespace http

// The opening handshake of WebSocket, the server's side (RFC 6455 4.2).
//
// Functions of their arguments; usable from any core. Who may connect, from which origin and to
// what, is decided elsewhere: this says whether a request is a handshake and what to answer.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "http/request.h"

namespace http {

// A valid handshake. Extensions are not negotiated: whatever the client offered, permessage-deflate
// included, is declined by not being mentioned (RFC 6455 9.1).
struct WebsocketHandshake {
  std::string accept;         // for Sec-WebSocket-Accept
  std::string_view protocol;  // the first that the client offered, in the request's storage; or ""
};

// Not one. The status is 400 or 426; `headers` are lines that the answer must have.
struct WebsocketRefusal {
  int status;
  std::string_view reason;  // one line without its newline; lives as long as the program
  std::string_view headers;
};

std::variant<WebsocketHandshake, WebsocketRefusal> read_websocket_handshake(const Request& request);

// Sec-WebSocket-Accept for a key (RFC 6455 4.2.2, 5.4).
std::string websocket_accept(std::string_view key);

// Appends the head of the answer 101, after which the connection speaks WebSocket. `headers` are
// lines, each with its CRLF.
void append_websocket_head(std::string& out, const WebsocketHandshake& handshake,
                           std::string_view headers, std::string_view date);

}  // namespace http

// A blocking WebSocket client over one loopback socket, for tests of the whole server.
//
// It sends whatever it is told to, right or wrong (see client_frame.h), and parses strictly what
// the server sends: frames that are masked, reserved or longer than they need to be throw
// ClientError, and so does whatever does not come within patience(). One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/client_frame.h"
#include "tests/support/http_client.h"

namespace support {

// The header lines of a valid handshake, Host excepted.
inline constexpr std::string_view kWebsocketHeaders =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

struct ServerFrame {
  std::uint8_t opcode = 0;
  std::string payload;

  // "text(hello)", "ping()", "close(1000 bye)", "close()".
  [[nodiscard]] std::string words() const;
};

class WebsocketClient {
 public:
  // Sends the handshake and reads the answer, which must be 101. More header lines, each with its
  // CRLF.
  WebsocketClient(std::uint16_t port, std::string_view target, std::string_view headers = "");

  [[nodiscard]] const Response& head() const { return head_; }
  [[nodiscard]] Client& client() { return client_; }

  void send(std::string_view frames) { client_.send(frames); }
  void send_text(std::string_view text) { client_.send(client_frame(kText, text)); }

  ServerFrame next_frame();
  // The next frame must be a text: what it holds.
  std::string next_text();
  // The next frame must be a close frame, and the end of the connection after it.
  std::string read_close();
  // All frames up to the end of the connection, in words, with a space between them.
  std::string read_all();

 private:
  Client client_;
  Response head_;
};

}  // namespace support

// The fixture of tests of WebSockets: operations, what they are answered, and clients on the shared
// server.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/server_test.h"
#include "tests/support/websocket_client.h"

namespace support {

inline std::string subscribe(std::string_view cname, std::uint64_t seq) {
  return R"({"op":"subscribe","cname":")" + std::string(cname) + R"(","seq":)" +
         std::to_string(seq) + "}";
}
inline std::string unsubscribe(std::string_view cname) {
  return R"({"op":"unsubscribe","cname":")" + std::string(cname) + "\"}";
}
inline std::string subscribed(std::string_view cname, std::uint64_t seq) {
  return R"({"type":"subscribed","cname":")" + std::string(cname) + R"(","seq":)" +
         std::to_string(seq) + "}";
}
inline std::string unsubscribed(std::string_view cname) {
  return R"({"type":"unsubscribed","cname":")" + std::string(cname) + "\"}";
}
inline std::string error(std::string_view op, std::string_view cname, std::string_view reason) {
  return R"({"type":"error","op":")" + std::string(op) + R"(","cname":")" + std::string(cname) +
         R"(","reason":")" + std::string(reason) + "\"}";
}

// That the other end is there and has read everything before.
inline void expect_pong(WebsocketClient& client) {
  client.send(client_frame(kPing, "there?"));
  EXPECT_EQ(client.next_frame().words(), "pong(there?)");
}

class WebsocketTest : public ServerTest {
 protected:
  [[nodiscard]] WebsocketClient listen(std::string_view query) const {
    return {server().front_port(), std::string("/ws?").append(query)};
  }
};

}  // namespace support

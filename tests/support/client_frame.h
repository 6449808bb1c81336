// Frames as a client of WebSocket sends them (RFC 6455 5.2), also wrong ones.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace support {

inline constexpr std::uint8_t kContinuation = 0;
inline constexpr std::uint8_t kText = 1;
inline constexpr std::uint8_t kBinary = 2;
inline constexpr std::uint8_t kClose = 8;
inline constexpr std::uint8_t kPing = 9;
inline constexpr std::uint8_t kPong = 10;

struct ClientFrame {
  std::uint8_t opcode = kText;
  std::string_view payload{};
  bool final = true;
  std::uint8_t reserved = 0;  // the three bits as a number, RSV1 the highest
  bool masked = true;
  std::array<std::uint8_t, 4> mask{0x37, 0xfa, 0x21, 0x3d};

  [[nodiscard]] std::string head() const {
    std::string bytes;
    const auto put = [&bytes](std::uint64_t value) {
      bytes.push_back(static_cast<char>(value & 0xff));
    };
    const std::uint64_t size = payload.size();
    const std::uint64_t mask_bit = masked ? 0x80 : 0;
    put((final ? 0x80u : 0u) | static_cast<unsigned>(reserved << 4) | opcode);
    if (size < 126) {
      put(mask_bit | size);
    } else {
      const int bytes_of_length = size < 0x10000 ? 2 : 8;
      put(mask_bit | (bytes_of_length == 2 ? 126 : 127));
      for (int shift = (bytes_of_length - 1) * 8; shift >= 0; shift -= 8) put(size >> shift);
    }
    if (masked) {
      for (const std::uint8_t byte : mask) put(byte);
    }
    return bytes;
  }

  [[nodiscard]] std::string bytes() const {
    std::string all = head();
    for (std::size_t i = 0; i < payload.size(); ++i) {
      const auto byte = static_cast<std::uint8_t>(payload[i]);
      all.push_back(static_cast<char>(masked ? byte ^ mask[i % 4] : byte));
    }
    return all;
  }
};

inline std::string client_frame(std::uint8_t opcode, std::string_view payload = "") {
  return ClientFrame{.opcode = opcode, .payload = payload}.bytes();
}
inline std::string client_fragment(std::uint8_t opcode, std::string_view payload, bool final) {
  return ClientFrame{.opcode = opcode, .payload = payload, .final = final}.bytes();
}

// What a close frame holds.
inline std::string close_payload(unsigned code, std::string_view reason = "") {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return payload.append(reason);
}

}  // namespace support

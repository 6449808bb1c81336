// The heads of subscribers' responses, ready to be sent.
//
// Owned by one core. A head differs between responses only in the Date, so those of endless
// responses are rendered once a second at most, and not at all when nobody subscribes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "comet/transport.h"

namespace comet {

class ResponseHeads {
 public:
  explicit ResponseHeads(std::string_view allow_origin);

  void begin_turn(std::int64_t unix_s);

  // Head, and the transport's preamble as a chunk. HOT.
  std::string_view endless(Framing framing, bool keep_alive);

  // A whole response with a body of known size.
  void append_response(std::string& out, std::string_view content_type, int version_minor,
                       bool keep_alive, std::string_view body);

  [[nodiscard]] std::string_view date() const { return {date_.data(), date_.size()}; }
  // Header lines that every front response carries.
  [[nodiscard]] std::string_view front_headers() const { return front_headers_; }

 private:
  std::string front_headers_;
  std::string endless_headers_;
  std::array<char, 29> date_{};
  std::int64_t unix_s_ = -1;
  std::array<std::string, kFramings * 2> endless_;  // by framing and keep_alive
};

}  // namespace comet

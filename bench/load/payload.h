// The content for servers that do not number messages: channel and number in ten digits each, and
// as many x as the size wants. The size is the same for all numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace load {

class Payload {
 public:
  static constexpr std::size_t kLeastBytes = 22;

  explicit Payload(std::size_t content_bytes)
      : fill_(content_bytes > kLeastBytes ? content_bytes - kLeastBytes : 0, 'x') {}

  [[nodiscard]] std::size_t size() const { return kLeastBytes + fill_.size(); }
  void append(std::string& out, std::uint32_t channel, std::uint64_t number) const;
  // The number, if these are exactly the bytes of a message to this channel.
  [[nodiscard]] std::optional<std::uint64_t> read(std::string_view bytes,
                                                  std::uint32_t channel) const;

 private:
  std::string fill_;
};

}  // namespace load

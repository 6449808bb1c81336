// The keys of which a request on the admin port must show one: the setting admin.key.
//
// Built once from the configuration and immutable from then on, so every core may ask it. Nothing
// here prints a key.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace comet {

class BearerKeys {
 public:
  static constexpr std::size_t kKeyBytesMin = 16;
  static constexpr std::size_t kKeyBytesMax = 256;

  explicit BearerKeys(std::span<const std::string> keys) : keys_(keys.begin(), keys.end()) {}

  // What is wrong with a key, if anything is; without the key.
  static std::optional<std::string> complaint(std::string_view key);

  // Without keys, nobody needs one.
  [[nodiscard]] bool required() const { return !keys_.empty(); }

  // Whether an Authorization header shows one of them (RFC 6750 2.1). How long that takes depends
  // on the header and on the keys' number and length, but not on their content.
  [[nodiscard]] bool accept(std::string_view authorization) const;

 private:
  std::vector<std::string> keys_;
};

}  // namespace comet

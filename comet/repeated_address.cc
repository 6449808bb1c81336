#include "comet/repeated_address.h"

#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "comet/listener_spec.h"

namespace comet {

namespace {

std::string collision(std::string_view earlier_key, const std::string& earlier,
                      std::string_view key, const std::string& address) {
  if (earlier != address) {
    return fmt::format("{} of {} and {} of {} want the same port", earlier, earlier_key, address,
                       key);
  }
  if (earlier_key == key) return fmt::format("{} names {} twice", key, address);
  return fmt::format("{} and {} both name {}", earlier_key, key, address);
}

}  // namespace

// SO_REUSEPORT lets one process bind an address twice and then deals connections out between the
// two: subscribers would reach the admin port. So it is for us to refuse it.
std::optional<RepeatedAddress> find_repeated_address(const Config& config) {
  std::vector<std::pair<std::string_view, ListenerSpec>> seen;
  const auto look_at =
      [&](std::string_view key,
          const std::vector<std::string>& listen) -> std::optional<RepeatedAddress> {
    for (const std::string& text : listen) {
      const ListenerSpec spec = *ListenerSpec::parse(text);
      for (const auto& [earlier_key, earlier] : seen) {
        if (!spec.collides_with(earlier)) continue;
        return RepeatedAddress{
            earlier_key, key,
            collision(earlier_key, to_string(earlier.address), key, to_string(spec.address))};
      }
      seen.emplace_back(key, spec);
    }
    return std::nullopt;
  };
  if (auto repeated = look_at("front.listen", config.front.listen)) return repeated;
  return look_at("admin.listen", config.admin.listen);
}

}  // namespace comet

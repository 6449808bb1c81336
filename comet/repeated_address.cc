#include "comet/repeated_address.h"

#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "comet/listener_spec.h"

namespace comet {

// SO_REUSEPORT lets one process bind an address twice and then deals connections out between the
// two: subscribers would reach the admin port. So it is for us to refuse it.
std::optional<std::string> find_repeated_address(const Config& config) {
  std::vector<std::pair<std::string_view, ListenerSpec>> seen;
  const auto look_at = [&](std::string_view key, const std::vector<std::string>& listen) {
    std::optional<std::string> complaint;
    for (const std::string& text : listen) {
      const ListenerSpec spec = *ListenerSpec::parse(text);
      const std::string address = to_string(spec.address);
      for (const auto& [earlier_key, earlier] : seen) {
        if (complaint || !spec.collides_with(earlier)) continue;
        complaint = earlier_key == key
                        ? fmt::format("{} names {} twice", key, address)
                        : fmt::format("{} and {} both name {}", earlier_key, key, address);
      }
      seen.emplace_back(key, spec);
    }
    return complaint;
  };
  if (auto complaint = look_at("front.listen", config.front.listen)) return complaint;
  return look_at("admin.listen", config.admin.listen);
}

}  // namespace comet

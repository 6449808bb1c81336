#include "comet/config_source.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "comet/config_file.h"
#include "comet/config_overrides.h"
#include "comet/listener_spec.h"

namespace comet {
namespace {

reactor::Result<std::string> read_file(const std::string& path) {
  // A folder opens well and throws at the first read.
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return reactor::Error{path + ": is a folder"};
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return reactor::Error{path + ": " + std::generic_category().message(errno)};
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

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

}  // namespace

reactor::Result<LoadedConfig> ConfigSource::read() const {
  if (path.empty()) return load({});
  const auto text = read_file(path);
  if (!text) return reactor::Error{text.error()};
  return load(*text);
}

reactor::Result<LoadedConfig> ConfigSource::load(std::string_view file_text) const {
  LoadedConfig loaded;
  loaded.file_name = path;
  if (const auto complaint = apply_file(file_text, path, loaded)) return reactor::Error{*complaint};
  if (const auto complaint = apply_environment(environment, loaded)) {
    return reactor::Error{*complaint};
  }
  for (const std::string& override_text : overrides) {
    if (const auto complaint = apply_override(override_text, loaded)) {
      return reactor::Error{*complaint};
    }
  }
  if (const auto complaint = find_repeated_address(loaded.config)) {
    return reactor::Error{*complaint};
  }
  return loaded;
}

}  // namespace comet

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
#include "comet/settings.h"

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

// Where to look: at the later of the two, unless somebody said only the earlier one.
std::string prefix_of(const LoadedConfig& loaded, std::string_view key, std::string_view earlier) {
  std::string prefix = loaded.complaint_prefix(*find_setting(key));
  return prefix.empty() ? loaded.complaint_prefix(*find_setting(earlier)) : prefix;
}

// What an operator wrote may hold line breaks and worse; a complaint about it is one line.
std::string in_one_line(std::string_view complaint) {
  std::string out;
  for (const char c : complaint) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

std::string collision(std::string_view key, const std::string& address, std::string_view other_key,
                      const std::string& other) {
  if (address != other) {
    return fmt::format("{} of {} and {} of {} want the same port", address, key, other, other_key);
  }
  if (key == other_key) return fmt::format("{} names {} twice", key, address);
  return fmt::format("{} and {} both name {}", key, other_key, address);
}

// SO_REUSEPORT lets one process bind an address twice and then deals connections out between the
// two: subscribers would reach the admin port. So it is for us to refuse it.
std::optional<std::string> find_repeated_address(const LoadedConfig& loaded) {
  const Config& config = loaded.config;
  std::vector<std::pair<std::string_view, ListenerSpec>> seen;
  const auto look_at = [&](std::string_view key, const std::vector<std::string>& listen) {
    std::optional<std::string> complaint;
    for (const std::string& text : listen) {
      const ListenerSpec spec = *ListenerSpec::parse(text);
      const std::string address = to_string(spec.address);
      for (const auto& [earlier_key, earlier] : seen) {
        if (complaint || !spec.collides_with(earlier)) continue;
        complaint = prefix_of(loaded, key, earlier_key) +
                    collision(earlier_key, to_string(earlier.address), key, address);
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
  std::optional<std::string> complaint = apply_file(file_text, path, loaded);
  if (!complaint) complaint = apply_environment(environment, loaded);
  for (const std::string& override_text : overrides) {
    if (!complaint) complaint = apply_override(override_text, loaded);
  }
  if (!complaint) complaint = find_repeated_address(loaded);
  if (complaint) return reactor::Error{in_one_line(*complaint)};
  return loaded;
}

}  // namespace comet

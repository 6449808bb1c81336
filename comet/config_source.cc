#include "comet/config_source.h"

#include <optional>

#include <fmt/format.h>

#include "comet/config_file.h"
#include "comet/config_overrides.h"
#include "comet/repeated_address.h"
#include "comet/settings.h"
#include "comet/text_file.h"

namespace comet {
namespace {

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

}  // namespace

reactor::Result<LoadedConfig> ConfigSource::read() const {
  if (path.empty()) return load({});
  const auto text = read_text_file(path);
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
  const auto repeated = complaint ? std::nullopt : find_repeated_address(loaded.config);
  if (repeated) {
    complaint = prefix_of(loaded, repeated->key, repeated->earlier_key) + repeated->sentence;
  }
  if (complaint) return reactor::Error{in_one_line(*complaint)};
  return loaded;
}

}  // namespace comet

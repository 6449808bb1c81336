#include "comet/config_source.h"

#include "comet/config_file.h"
#include "comet/config_overrides.h"
#include "comet/repeated_address.h"
#include "comet/text_file.h"

namespace comet {

reactor::Result<LoadedConfig> ConfigSource::read() const {
  if (path.empty()) return load({});
  const auto text = read_text_file(path);
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

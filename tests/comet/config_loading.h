// Loading a configuration from a text that a test writes, and what is wrong with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "comet/config_source.h"
#include "comet/settings.h"

namespace comet::testing_config {

inline constexpr std::string_view kFile = "conf/x.toml";

inline reactor::Result<Config> load(std::string_view text,
                                    const std::vector<std::string>& overrides = {}) {
  const ConfigSource source{std::string(kFile), {}, overrides};
  auto loaded = source.load(text);
  if (!loaded) return reactor::Error{loaded.error()};
  return loaded->config;
}

inline std::string error_of(const reactor::Result<Config>& result) {
  return result.ok() ? "no error" : result.error();
}

inline std::string file_error(std::string_view text) { return error_of(load(text)); }
inline std::string override_error(const std::string& text) { return error_of(load("", {text})); }

// A file with one key: its section is a dotted key's first part.
inline std::string file_with(const Setting& setting, const std::string& value) {
  return std::string(setting.key) + " = " + value + "\n";
}

}  // namespace comet::testing_config

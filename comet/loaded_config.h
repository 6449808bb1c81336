// A configuration, and where each of its values came from.
//
// A value. One layer wins over the other in the order of Origin::Layer.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "comet/config.h"
#include "comet/setting.h"

namespace comet {

struct Origin {
  enum class Layer : std::uint8_t { kDefault, kFile, kEnvironment, kCommandLine };

  Layer layer = Layer::kDefault;
  std::uint32_t line = 0;    // of the file
  std::uint32_t column = 0;  // the same
};

struct LoadedConfig {
  // A configuration that no file says: the program's own.
  LoadedConfig(Config values = {});  // NOLINT: implicit on purpose

  [[nodiscard]] Origin& origin(const Setting& setting);
  [[nodiscard]] const Origin& origin(const Setting& setting) const;
  // "default", "conf/comet.toml:12", "environment, COMET_FRONT_AUTH", "command line"
  [[nodiscard]] std::string source_of(const Setting& setting) const;
  // What a complaint about the value begins with: "conf/comet.toml:12:10: ", "COMET_FRONT_AUTH: ",
  // "--set front.auth: ", or nothing for a default.
  [[nodiscard]] std::string complaint_prefix(const Setting& setting) const;

  Config config;
  std::string file_name;
  std::vector<Origin> origins;        // by the setting's place in the table
  std::vector<std::string> warnings;  // sentences about what was ignored
};

}  // namespace comet

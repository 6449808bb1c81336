// What differs between two configurations, and which of it has to wait for a restart.
//
// Pure functions over the table of settings.
#pragma once

#include <string>
#include <vector>

#include "comet/loaded_config.h"
#include "comet/setting.h"

namespace comet {

struct ConfigChange {
  const Setting* setting;
  std::string from;  // as TOML writes it; neither is to be shown when the setting is secret
  std::string to;
};

// In the order of the table.
std::vector<ConfigChange> config_changes(const Config& from, const Config& to);

// `wanted`, but with the values of `running`, and their origins, where a setting needs a restart.
LoadedConfig keep_until_restart(const LoadedConfig& running, LoadedConfig wanted);

// One line for the log.
std::string describe(const ConfigChange& change);

}  // namespace comet

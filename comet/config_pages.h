// The pages that follow from the table of settings: conf/comet.toml, README's table, and what a
// process says of its configuration.
//
// Pure functions.
#pragma once

#include <string>

#include "comet/loaded_config.h"

namespace comet {

// conf/comet.toml: every default, with a comment.
std::string render_reference_config();

// README's table in Markdown.
std::string render_settings_table();

// Every value in effect as TOML, with a comment that says where it came from.
std::string render_effective_config(const LoadedConfig& config);

// The same as JSON: key, value, source, reloadable.
std::string render_config_json(const LoadedConfig& config);

}  // namespace comet

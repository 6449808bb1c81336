// The configuration file: TOML, checked against the table of settings.
//
// A pure function.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "comet/loaded_config.h"

namespace comet {

// Puts what the text says into its places; answers what is wrong with it, if anything is, with
// `file_name`, line and column. Of several mistakes, the one that stands first in the file.
std::optional<std::string> apply_file(std::string_view text, std::string_view file_name,
                                      LoadedConfig& config);

}  // namespace comet

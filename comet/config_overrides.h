// What the environment and the command line say about settings: values as plain text.
//
// Pure functions. A list is written with commas, everything else as it is, without quotes. No
// complaint and no warning has the value of a secret.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "comet/loaded_config.h"

namespace comet {

// Puts a value written as plain text into its place; answers what is wrong with it, if anything is.
std::optional<std::string> assign_text(const Setting& setting, std::string_view text,
                                       Config& config);

// "key=value", as --set has it. Answers what is wrong with it, if anything is.
std::optional<std::string> apply_override(std::string_view override_text, LoadedConfig& config);

// "NAME=VALUE" each. The variables of settings count; one that looks like a misspelt one becomes a
// warning, and whatever else the environment holds is somebody else's.
std::optional<std::string> apply_environment(std::span<const std::string> environment,
                                             LoadedConfig& config);

}  // namespace comet

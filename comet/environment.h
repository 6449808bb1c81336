// How settings are called in the environment: front.listen is COMET_FRONT_LISTEN.
//
// Pure functions over the table of settings. Other programs' variables begin with COMET_ too (test
// tools, a container's links to a service of that name), so an unknown one is not a mistake.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "comet/setting.h"

namespace comet {

inline constexpr std::string_view kEnvironmentPrefix = "COMET_";

std::string environment_name(const Setting& setting);
const Setting* find_environment_setting(std::string_view name);

// A sentence, if the name is so near to a setting's that it must be a typing error.
std::optional<std::string> misspelt_environment_name(std::string_view name);

}  // namespace comet

// The one table of settings.
//
// A constant of the process. Whatever knows settings by name (parsing, --set, errors, the
// reference configuration, the documentation) walks this table, so that none of them can disagree.
// Defaults are read from a default-made Config.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "comet/setting.h"

namespace comet {

std::span<const Setting> settings();
const Setting* find_setting(std::string_view key);
bool is_section(std::string_view name);

// The key that somebody who wrote `unknown` probably meant, or empty.
std::string_view nearest_key(std::string_view unknown);

// "unknown key X", with the nearest one where there is one.
std::string unknown_key(std::string_view key);

}  // namespace comet

#include "comet/config_changes.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "comet/settings.h"
#include "reactor/check.h"

namespace comet {

std::vector<ConfigChange> config_changes(const Config& from, const Config& to) {
  std::vector<ConfigChange> changes;
  for (const Setting& setting : settings()) {
    Value before = value_of(setting, from);
    Value after = value_of(setting, to);
    if (before != after) {
      changes.push_back({&setting, render_value(before), render_value(after)});
    }
  }
  return changes;
}

LoadedConfig keep_until_restart(const LoadedConfig& running, LoadedConfig wanted) {
  for (const Setting& setting : settings()) {
    if (setting.effect == Effect::kOnReload) continue;
    const std::optional<std::string> complaint =
        assign(setting, value_of(setting, running.config), wanted.config);
    CHECK(!complaint);  // the running value was right when the process started
    wanted.origin(setting) = running.origin(setting);
  }
  return wanted;
}

std::string describe(const ConfigChange& change) {
  const bool secret = change.setting->secrecy == Secrecy::kSecret;
  std::string text = secret
                         ? fmt::format("{}: changed", change.setting->key)
                         : fmt::format("{}: {} -> {}", change.setting->key, change.from, change.to);
  if (change.setting->effect == Effect::kOnRestart) text += " (needs a restart; not changed)";
  return text;
}

}  // namespace comet

#include "comet/loaded_config.h"

#include <fmt/format.h>

#include "comet/environment.h"
#include "comet/settings.h"

namespace comet {
namespace {

std::size_t place_of(const Setting& setting) {
  return static_cast<std::size_t>(&setting - settings().data());
}

}  // namespace

LoadedConfig::LoadedConfig(Config values) : config(std::move(values)), origins(settings().size()) {}

Origin& LoadedConfig::origin(const Setting& setting) { return origins[place_of(setting)]; }

const Origin& LoadedConfig::origin(const Setting& setting) const {
  return origins[place_of(setting)];
}

std::string LoadedConfig::source_of(const Setting& setting) const {
  const Origin& from = origin(setting);
  switch (from.layer) {
    case Origin::Layer::kFile:
      return fmt::format("{}:{}", file_name, from.line);
    case Origin::Layer::kEnvironment:
      return fmt::format("environment, {}", environment_name(setting));
    case Origin::Layer::kCommandLine:
      return "command line";
    default:
      return "default";
  }
}

std::string LoadedConfig::complaint_prefix(const Setting& setting) const {
  const Origin& from = origin(setting);
  switch (from.layer) {
    case Origin::Layer::kFile:
      return fmt::format("{}:{}:{}: ", file_name, from.line, from.column);
    case Origin::Layer::kEnvironment:
      return environment_name(setting) + ": ";
    case Origin::Layer::kCommandLine:
      return fmt::format("--set {}: ", setting.key);
    default:
      return {};
  }
}

}  // namespace comet

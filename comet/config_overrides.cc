#include "comet/config_overrides.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "comet/environment.h"
#include "comet/settings.h"
#include "http/ascii.h"

namespace comet {
namespace {

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> entries;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    entries.emplace_back(http::trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return entries;
}

std::optional<Value> parse_value(Kind kind, std::string_view text) {
  switch (kind) {
    case Kind::kNumber: {
      std::int64_t number = 0;
      const char* end = text.data() + text.size();
      const auto [parsed_to, error] = std::from_chars(text.data(), end, number);
      if (error != std::errc{} || parsed_to != end) return std::nullopt;
      return number;
    }
    case Kind::kBool:
      if (text != "true" && text != "false") return std::nullopt;
      return text == "true";
    case Kind::kText:
      return std::string(text);
    case Kind::kList:
      break;
  }
  return split_at_commas(text);
}

}  // namespace

std::optional<std::string> assign_text(const Setting& setting, std::string_view text,
                                       Config& config) {
  // "[::1]:8100" is an address; what looks like a list of TOML is one of strings.
  const std::string_view inside = http::trimmed(text.substr(std::min<std::size_t>(1, text.size())));
  if (setting.kind() == Kind::kList && text.starts_with('[') && inside.find_first_of("\"']") == 0) {
    return fmt::format("{}: a list is written here with commas, without brackets and quotes",
                       setting.key);
  }
  const auto value = parse_value(setting.kind(), text);
  if (value) return assign(setting, *value, config);
  if (setting.secrecy == Secrecy::kSecret) {
    return fmt::format("{} must be {}", setting.key, kind_in_words(setting.kind()));
  }
  return fmt::format("{} must be {}, not \"{}\"", setting.key, kind_in_words(setting.kind()), text);
}

std::optional<std::string> apply_override(std::string_view override_text, LoadedConfig& config) {
  const std::string_view key = override_text.substr(0, override_text.find_first_of("=: "));
  const Setting* setting = find_setting(key);
  // The value of a name that is not known may be a secret's, whose name is misspelt.
  const bool is_public = setting != nullptr && setting->secrecy == Secrecy::kPublic;
  const auto complain = [&](std::string_view what) {
    return fmt::format("--set {}: {}", is_public ? override_text : key, what);
  };
  const std::size_t equals = override_text.find('=');
  if (equals != key.size() || key.empty()) return complain("write it as key=value");
  const std::string_view text = override_text.substr(equals + 1);
  if (setting == nullptr) return complain(unknown_key(key));
  if (const auto complaint = assign_text(*setting, text, config.config)) {
    return complain(*complaint);
  }
  config.origin(*setting) = {Origin::Layer::kCommandLine};
  return std::nullopt;
}

std::optional<std::string> apply_environment(std::span<const std::string> environment,
                                             LoadedConfig& config) {
  for (const std::string_view variable : environment) {
    if (!variable.starts_with(kEnvironmentPrefix)) continue;
    const std::size_t equals = std::min(variable.find('='), variable.size());
    const std::string_view name = variable.substr(0, equals);
    const Setting* setting = find_environment_setting(name);
    if (setting == nullptr) {
      if (const auto warning = misspelt_environment_name(name)) config.warnings.push_back(*warning);
      continue;
    }
    const std::string_view text = variable.substr(std::min(equals + 1, variable.size()));
    if (const auto complaint = assign_text(*setting, text, config.config)) {
      return fmt::format("{}: {}", name, *complaint);
    }
    config.origin(*setting) = {Origin::Layer::kEnvironment};
  }
  return std::nullopt;
}

}  // namespace comet

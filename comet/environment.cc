#include "comet/environment.h"

#include <algorithm>

#include <fmt/format.h>

#include "comet/edit_distance.h"
#include "comet/settings.h"

namespace comet {
namespace {

// More edits than that, and it is a name of its own.
constexpr std::size_t kTypingErrors = 2;

char in_environment(char c) {
  if (c == '.') return '_';
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

std::string environment_name(const Setting& setting) {
  std::string name(kEnvironmentPrefix);
  std::ranges::transform(setting.key, std::back_inserter(name), in_environment);
  return name;
}

const Setting* find_environment_setting(std::string_view name) {
  for (const Setting& setting : settings()) {
    if (environment_name(setting) == name) return &setting;
  }
  return nullptr;
}

std::optional<std::string> misspelt_environment_name(std::string_view name) {
  for (const Setting& setting : settings()) {
    const std::string known = environment_name(setting);
    const std::size_t longer = std::max(name.size(), known.size());
    const std::size_t shorter = std::min(name.size(), known.size());
    if (longer - shorter > kTypingErrors || edit_distance(name, known) > kTypingErrors) continue;
    return fmt::format("{} in the environment is not a setting and was ignored; did you mean {}?",
                       name, known);
  }
  return std::nullopt;
}

}  // namespace comet

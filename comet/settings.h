// The one table of settings: name, place, unit, bounds and a sentence for each.
//
// A constant of the process. Whatever knows settings by name (parsing, --set, errors, the
// reference configuration, the documentation) walks this table, so that none of them can disagree.
// Defaults are read from a default-made Config.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "comet/config.h"

namespace comet {

// What a setting may hold, on its way from text.
using Value = std::variant<std::int64_t, bool, std::string, std::vector<std::string>>;

// Where a setting lives; the alternative is its type.
using Field = std::variant<std::size_t* (*)(Config&), std::uint32_t* (*)(Config&),
                           bool* (*)(Config&), Auth* (*)(Config&), SlowSubscriber* (*)(Config&),
                           std::string* (*)(Config&), std::vector<std::string>* (*)(Config&)>;

enum class Kind : std::uint8_t { kNumber, kBool, kText, kList };

struct Setting {
  std::string_view key;  // as in the file, with its section: "front.auth"
  Field field;
  std::string_view unit;  // of a number, in words; may be empty
  // Bounds, both inclusive: of a number itself, of a text's bytes, of a list's entries.
  std::int64_t min;
  std::int64_t max;
  std::string_view sentence;
  std::span<const std::string_view> choices = {};  // of a text; empty: anything
  // What is wrong with a text or a list's entry, if anything.
  std::optional<std::string> (*complaint)(std::string_view) = nullptr;

  [[nodiscard]] Kind kind() const;
  [[nodiscard]] std::string_view section() const;  // "front", or empty
  [[nodiscard]] std::string_view name() const;     // "auth"
};

std::span<const Setting> settings();
const Setting* find_setting(std::string_view key);
bool is_section(std::string_view name);

// The key that somebody who wrote `unknown` probably meant, or empty.
std::string_view nearest_key(std::string_view unknown);

// "unknown key X", with the nearest one where there is one.
std::string unknown_key(std::string_view key);

// "a whole number", "true or false", "a string", "a list of strings"
std::string_view kind_in_words(Kind kind);

// Puts the value into its place; answers what is wrong with it instead, if anything is.
std::optional<std::string> assign(const Setting& setting, const Value& value, Config& config);

Value value_of(const Setting& setting, const Config& config);

// The value as TOML writes it.
std::string render_value(const Value& value);

// "1 to 86400 seconds", "none or token"; empty when there is nothing to say.
std::string render_range(const Setting& setting);

}  // namespace comet

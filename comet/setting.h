// One setting: where it lives in a Config, its kind, its bounds, and how its value reads and
// prints.
//
// Constants of the process. The table of all of them is comet/settings.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "comet/config.h"

namespace comet {

// The choices of a setting that is an enumeration, in its order.
inline constexpr std::array<std::string_view, 2> kAuthNames{"none", "token"};
inline constexpr std::array<std::string_view, 2> kSlowSubscriberNames{"close", "skip"};

// What a setting may hold, on its way from text.
using Value = std::variant<std::int64_t, bool, std::string, std::vector<std::string>>;

// Where a setting lives; the alternative is its type.
using Place = std::variant<std::size_t* (*)(Config&), std::uint32_t* (*)(Config&),
                           bool* (*)(Config&), Auth* (*)(Config&), SlowSubscriber* (*)(Config&),
                           std::string* (*)(Config&), std::vector<std::string>* (*)(Config&)>;

enum class Kind : std::uint8_t { kNumber, kBool, kText, kList };

// When a new value counts: with the next reload, or only in a new process.
enum class Effect : std::uint8_t { kOnReload, kOnRestart };

// Whether the value may be shown: in the log, in printed configurations, on the admin port.
enum class Secrecy : std::uint8_t { kPublic, kSecret };

struct Setting {
  std::string_view key;  // as in the file, with its section: "front.auth"
  Place field;
  Effect effect;
  std::string_view unit;  // of a number, in words; may be empty
  // Bounds, both inclusive: of a number itself, of a text's bytes, of a list's entries.
  std::int64_t min;
  std::int64_t max;
  std::string_view sentence;
  std::span<const std::string_view> choices = {};  // of a text; empty: anything
  // What is wrong with a text or a list's entry, if anything.
  std::optional<std::string> (*complaint)(std::string_view) = nullptr;
  Secrecy secrecy = Secrecy::kPublic;

  [[nodiscard]] Kind kind() const;
  [[nodiscard]] std::string_view section() const;  // "front", or empty
  [[nodiscard]] std::string_view name() const;     // "auth"
};

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

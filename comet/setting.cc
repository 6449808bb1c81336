#include "comet/setting.h"

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "comet/overloaded.h"

namespace comet {
namespace {

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string in_unit(std::int64_t number, std::string_view unit) {
  return unit.empty() ? fmt::format("{}", number) : fmt::format("{} {}", number, unit);
}

std::string render_bounds(const Setting& setting) {
  return fmt::format("{} to {}", setting.min, in_unit(setting.max, setting.unit));
}

std::optional<std::string> text_complaint(const Setting& setting, const std::string& text) {
  if (!setting.choices.empty()) {
    if (std::ranges::find(setting.choices, text) != setting.choices.end()) return std::nullopt;
    return fmt::format("{} must be one of {}, not \"{}\"", setting.key,
                       fmt::join(setting.choices, ", "), text);
  }
  const auto length = static_cast<std::int64_t>(text.size());
  if (length < setting.min) return fmt::format("{} must not be empty", setting.key);
  if (length > setting.max) {
    return fmt::format("{} must not be longer than {} bytes", setting.key, setting.max);
  }
  if (has_control_character(text)) {
    return fmt::format("{} must not contain control characters", setting.key);
  }
  return std::nullopt;
}

std::optional<std::string> list_complaint(const Setting& setting,
                                          const std::vector<std::string>& list) {
  const auto count = static_cast<std::int64_t>(list.size());
  if (count < setting.min || count > setting.max) {
    return fmt::format("{} must have {}, not {}", setting.key, render_bounds(setting), count);
  }
  for (const std::string& entry : list) {
    if (has_control_character(entry)) {
      return fmt::format("{} must not contain control characters", setting.key);
    }
    if (!setting.complaint) continue;
    if (auto complaint = setting.complaint(entry)) {
      return fmt::format("{}: {}", setting.key, *complaint);
    }
  }
  return std::nullopt;
}

std::optional<std::string> number_complaint(const Setting& setting, std::int64_t number) {
  if (number >= setting.min && number <= setting.max) return std::nullopt;
  return fmt::format("{} must be {}, not {}", setting.key, render_bounds(setting), number);
}

// Settings that name one of a few things.
template <class E>
concept Choice = std::is_enum_v<E>;

Kind kind_of(const Value& value) { return static_cast<Kind>(value.index()); }

}  // namespace

Kind Setting::kind() const {
  return std::visit(Overloaded{
                        [](std::size_t* (*)(Config&)) { return Kind::kNumber; },
                        [](std::uint32_t* (*)(Config&)) { return Kind::kNumber; },
                        [](bool* (*)(Config&)) { return Kind::kBool; },
                        [](Auth* (*)(Config&)) { return Kind::kText; },
                        [](SlowSubscriber* (*)(Config&)) { return Kind::kText; },
                        [](std::string* (*)(Config&)) { return Kind::kText; },
                        [](std::vector<std::string>* (*)(Config&)) { return Kind::kList; },
                    },
                    field);
}

std::string_view Setting::section() const {
  const std::size_t dot = key.find('.');
  return dot == std::string_view::npos ? std::string_view{} : key.substr(0, dot);
}

std::string_view Setting::name() const { return key.substr(key.rfind('.') + 1); }

std::string_view kind_in_words(Kind kind) {
  switch (kind) {
    case Kind::kNumber:
      return "a whole number";
    case Kind::kBool:
      return "true or false";
    case Kind::kText:
      return "a string";
    case Kind::kList:
      break;
  }
  return "a list of strings";
}

std::optional<std::string> assign(const Setting& setting, const Value& value, Config& config) {
  if (kind_of(value) != setting.kind()) {
    return fmt::format("{} must be {}, not {}", setting.key, kind_in_words(setting.kind()),
                       kind_in_words(kind_of(value)));
  }
  std::optional<std::string> complaint;
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    complaint = number_complaint(setting, *number);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    complaint = text_complaint(setting, *text);
  } else if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    complaint = list_complaint(setting, *list);
  }
  if (complaint) return complaint;

  std::visit(
      Overloaded{
          [&](std::size_t* (*place)(Config&)) {
            *place(config) = static_cast<std::size_t>(std::get<std::int64_t>(value));
          },
          [&](std::uint32_t* (*place)(Config&)) {
            *place(config) = static_cast<std::uint32_t>(std::get<std::int64_t>(value));
          },
          [&](bool* (*place)(Config&)) { *place(config) = std::get<bool>(value); },
          [&]<Choice E>(E* (*place)(Config&)) {
            const auto chosen = std::ranges::find(setting.choices, std::get<std::string>(value));
            *place(config) = static_cast<E>(chosen - setting.choices.begin());
          },
          [&](std::string* (*place)(Config&)) { *place(config) = std::get<std::string>(value); },
          [&](std::vector<std::string>* (*place)(Config&)) {
            *place(config) = std::get<std::vector<std::string>>(value);
          },
      },
      setting.field);
  return std::nullopt;
}

Value value_of(const Setting& setting, const Config& config) {
  Config copy = config;  // the places are of a mutable one
  return std::visit(
      Overloaded{
          [&](std::size_t* (*place)(Config&)) -> Value {
            return static_cast<std::int64_t>(*place(copy));
          },
          [&](std::uint32_t* (*place)(Config&)) -> Value {
            return static_cast<std::int64_t>(*place(copy));
          },
          [&](bool* (*place)(Config&)) -> Value { return *place(copy); },
          [&]<Choice E>(E* (*place)(Config&)) -> Value {
            return std::string(setting.choices[static_cast<std::size_t>(*place(copy))]);
          },
          [&](std::string* (*place)(Config&)) -> Value { return std::move(*place(copy)); },
          [&](std::vector<std::string>* (*place)(Config&)) -> Value {
            return std::move(*place(copy));
          },
      },
      setting.field);
}

std::string render_value(const Value& value) {
  const auto quoted = [](const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out + '"';
  };
  return std::visit(Overloaded{
                        [](std::int64_t number) { return fmt::format("{}", number); },
                        [](bool yes) { return std::string(yes ? "true" : "false"); },
                        [&](const std::string& text) { return quoted(text); },
                        [&](const std::vector<std::string>& list) {
                          std::vector<std::string> entries;
                          std::ranges::transform(list, std::back_inserter(entries), quoted);
                          return fmt::format("[{}]", fmt::join(entries, ", "));
                        },
                    },
                    value);
}

std::string render_range(const Setting& setting) {
  if (!setting.choices.empty()) return fmt::format("{}", fmt::join(setting.choices, ", "));
  switch (setting.kind()) {
    case Kind::kNumber:
    case Kind::kList:
      return render_bounds(setting);
    case Kind::kBool:
      return "true, false";
    case Kind::kText:
      break;
  }
  return {};
}

}  // namespace comet

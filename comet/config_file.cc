#include "comet/config_file.h"

#include <string>
#include <tuple>
#include <vector>

#include <fmt/format.h>

// One translation unit uses it, so its header is all that is needed, and no exception leaves it.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
// It asserts that a key begins as keys do, and then finds out that it does not, and says so. What
// an operator wrote must not end in an assertion.
#define TOML_ASSERT(condition) static_assert(true)
#include <toml++/toml.h>

#include "comet/settings.h"

namespace comet {
namespace {

using Complaint = std::optional<std::string>;

// "a whole number" and the like, of what the file has.
std::string_view node_in_words(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a section";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or a time";
  }
}

std::optional<std::vector<std::string>> list_of(const toml::array& array) {
  std::vector<std::string> list;
  for (const toml::node& entry : array) {
    const auto* text = entry.as_string();
    if (text == nullptr) return std::nullopt;
    list.push_back(text->get());
  }
  return list;
}

std::optional<Value> value_in(const toml::node& node) {
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* yes = node.as_boolean()) return yes->get();
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* array = node.as_array()) return list_of(*array);
  return std::nullopt;
}

// Walks a parsed file. toml++ keeps keys sorted by name; a person reads from the top, so of all
// complaints the one that stands first in the file is kept.
class FileReader {
 public:
  FileReader(std::string_view file_name, LoadedConfig& config)
      : file_name_(file_name), config_(config) {}

  void read(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      read_entry(prefix + std::string(key.str()), node, key.source().begin);
    }
  }

  [[nodiscard]] const Complaint& complaint() const { return complaint_; }

  void complain(const toml::source_position& at, std::string_view what) {
    if (complaint_ && std::tie(first_.line, first_.column) <= std::tie(at.line, at.column)) return;
    first_ = at;
    complaint_ = fmt::format("{}:{}:{}: {}", file_name_, at.line, at.column, what);
  }

 private:
  void read_entry(const std::string& path, const toml::node& node,
                  const toml::source_position& key_at) {
    if (const Setting* setting = find_setting(path)) {
      read_setting(*setting, node);
    } else if (const auto* table = node.as_table(); table != nullptr && !table->empty()) {
      read(*table, path + ".");
    } else if (!is_section(path)) {
      complain(key_at, unknown_key(path));
    } else if (!node.is_table()) {
      complain(key_at, fmt::format("{} must be a section, not {}", path, node_in_words(node)));
    }
  }

  void read_setting(const Setting& setting, const toml::node& node) {
    const toml::source_position& at = node.source().begin;
    const auto value = value_in(node);
    if (!value) {
      complain(at, fmt::format("{} must be {}, not {}", setting.key, kind_in_words(setting.kind()),
                               node.is_array() ? "a list of other things" : node_in_words(node)));
    } else if (auto complaint = assign(setting, *value, config_.config)) {
      complain(at, *complaint);
    } else {
      config_.origin(setting) = {Origin::Layer::kFile, at.line, at.column};
    }
  }

  std::string_view file_name_;
  LoadedConfig& config_;
  Complaint complaint_;
  toml::source_position first_{};
};

}  // namespace

Complaint apply_file(std::string_view text, std::string_view file_name, LoadedConfig& config) {
  const toml::parse_result parsed = toml::parse(text, file_name);
  FileReader reader(file_name, config);
  if (!parsed) {
    reader.complain(parsed.error().source().begin, parsed.error().description());
  } else {
    reader.read(parsed.table(), "");
  }
  return reader.complaint();
}

}  // namespace comet

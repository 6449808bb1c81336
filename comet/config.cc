#include "comet/config.h"

#include <charconv>
#include <optional>
#include <tuple>
#include <utility>

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
#include "reactor/endpoint.h"

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
  FileReader(std::string_view file_name, Config& config) : file_name_(file_name), config_(config) {}

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
                               node.is_array() ? "a mixed list" : node_in_words(node)));
    } else if (auto complaint = assign(setting, *value, config_)) {
      complain(at, *complaint);
    }
  }

  std::string_view file_name_;
  Config& config_;
  Complaint complaint_;
  toml::source_position first_{};
};

Complaint apply_file(std::string_view text, std::string_view file_name, Config& config) {
  const toml::parse_result parsed = toml::parse(text, file_name);
  FileReader reader(file_name, config);
  if (!parsed) {
    reader.complain(parsed.error().source().begin, parsed.error().description());
  } else {
    reader.read(parsed.table(), "");
  }
  return reader.complaint();
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> entries;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    entries.emplace_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return entries;
}

// A value of the setting's kind from the command line's text.
std::optional<Value> parse_override(Kind kind, std::string_view text) {
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

Complaint apply_override(std::string_view override_text, Config& config) {
  const auto complain = [&](std::string_view what) {
    return fmt::format("--set {}: {}", override_text, what);
  };
  const std::size_t equals = override_text.find('=');
  if (equals == std::string_view::npos) return complain("write it as key=value");
  const std::string_view key = override_text.substr(0, equals);
  const std::string_view text = override_text.substr(equals + 1);
  const Setting* setting = find_setting(key);
  if (setting == nullptr) return complain(unknown_key(key));
  const auto value = parse_override(setting->kind(), text);
  if (!value) {
    return complain(
        fmt::format("{} must be {}, not \"{}\"", key, kind_in_words(setting->kind()), text));
  }
  if (const auto complaint = assign(*setting, *value, config)) return complain(*complaint);
  return std::nullopt;
}

// SO_REUSEPORT lets one process bind an address twice and then deals connections out between the
// two: subscribers would reach the admin port. So it is for us to refuse it.
Complaint find_repeated_address(const Config& config) {
  std::vector<std::pair<std::string_view, reactor::Endpoint>> seen;
  const auto look_at = [&](std::string_view key, const std::vector<std::string>& listen) {
    Complaint complaint;
    for (const std::string& text : listen) {
      const reactor::Endpoint endpoint = *reactor::Endpoint::parse(text);
      for (const auto& [earlier_key, earlier] : seen) {
        if (complaint || endpoint.port == 0 || earlier != endpoint) continue;
        complaint = earlier_key == key
                        ? fmt::format("{} names {} twice", key, text)
                        : fmt::format("{} and {} both name {}", earlier_key, key, text);
      }
      seen.emplace_back(key, endpoint);
    }
    return complaint;
  };
  if (auto complaint = look_at("front.listen", config.front.listen)) return complaint;
  return look_at("admin.listen", config.admin.listen);
}

std::string note_of(const Setting& setting) {
  const std::string range = render_range(setting);
  return range.empty() ? std::string(setting.sentence)
                       : fmt::format("{} ({})", setting.sentence, range);
}

// Breaks at spaces into comment lines of at most 100 columns.
void append_comment(std::string& out, std::string_view text) {
  constexpr std::size_t kColumns = 98;
  while (text.size() > kColumns) {
    const std::size_t space = text.rfind(' ', kColumns);
    fmt::format_to(std::back_inserter(out), "# {}\n", text.substr(0, space));
    text.remove_prefix(space + 1);
  }
  fmt::format_to(std::back_inserter(out), "# {}\n", text);
}

}  // namespace

reactor::Result<Config> load_config(std::string_view toml_text, std::string_view file_name,
                                    std::span<const std::string> overrides) {
  Config config;
  if (const auto complaint = apply_file(toml_text, file_name, config)) {
    return reactor::Error{*complaint};
  }
  for (const std::string& override_text : overrides) {
    if (const auto complaint = apply_override(override_text, config)) {
      return reactor::Error{*complaint};
    }
  }
  if (const auto complaint = find_repeated_address(config)) return reactor::Error{*complaint};
  return config;
}

std::string render_reference_config() {
  std::string out =
      "# Every setting of comet-server with its default. Generated by `make docs` from\n"
      "# comet/settings.cc; a file of yours needs only what differs.\n";
  const Config defaults;
  std::string_view section;
  for (const Setting& setting : settings()) {
    out += '\n';
    if (setting.section() != section) {
      section = setting.section();
      fmt::format_to(std::back_inserter(out), "[{}]\n", section);
    }
    append_comment(out, note_of(setting));
    fmt::format_to(std::back_inserter(out), "{} = {}\n", setting.name(),
                   render_value(value_of(setting, defaults)));
  }
  return out;
}

std::string render_settings_table() {
  std::string out = "| setting | default | range | meaning |\n|---|---|---|---|\n";
  const Config defaults;
  for (const Setting& setting : settings()) {
    fmt::format_to(std::back_inserter(out), "| `{}` | `{}` | {} | {} |\n", setting.key,
                   render_value(value_of(setting, defaults)), render_range(setting),
                   setting.sentence);
  }
  return out;
}

}  // namespace comet

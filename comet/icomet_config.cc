#include "comet/icomet_config.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "http/ascii.h"
#include "http/utf8.h"

namespace comet {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

bool is_control(char c) { return c != '\t' && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f); }

class Parser {
 public:
  // Answers what is wrong with the line, if anything is.
  std::optional<std::string> read(std::string_view line, std::size_t number) {
    if (!http::is_valid_utf8(line)) return "the line is not UTF-8";
    if (std::ranges::any_of(line, is_control)) return "the line has control characters";
    if (http::trimmed(line, kBlanks).empty()) return std::nullopt;

    const std::size_t indent = line.find_first_not_of('\t');
    line.remove_prefix(indent);
    if (line.starts_with('#')) return std::nullopt;
    if (line.starts_with(' ')) return "lines are indented by tabs, not by spaces";
    if (indent > above_.size()) {
      return above_.empty() ? "the line is indented, but there is nothing that it stands below"
                            : "the line is indented by more than one tab below the one before";
    }
    const std::size_t separator = line.find_first_of(":=");
    if (separator == std::string_view::npos) return "a line is key: value";
    const std::string_view key = http::trimmed(line.substr(0, separator), kBlanks);
    if (key.empty()) return "there is no key before the value";

    above_.resize(indent);
    above_.emplace_back(key);
    entries_.push_back({fmt::format("{}", fmt::join(above_, ".")),
                        std::string(http::trimmed(line.substr(separator + 1), kBlanks)), number});
    return std::nullopt;
  }

  [[nodiscard]] std::vector<IcometEntry> take() && { return std::move(entries_); }

 private:
  std::vector<std::string> above_;  // the last key, and those that it stands below
  std::vector<IcometEntry> entries_;
};

}  // namespace

reactor::Result<std::vector<IcometEntry>> parse_icomet_config(std::string_view text,
                                                              std::string_view file_name) {
  Parser parser;
  for (std::size_t number = 1; !text.empty(); ++number) {
    if (const auto complaint = parser.read(take_line(text), number)) {
      return reactor::Error{fmt::format("{}:{}: {}", file_name, number, *complaint)};
    }
  }
  return std::move(parser).take();
}

}  // namespace comet

#include "comet/roff.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace comet {
namespace {

// Narrower than a terminal: escapes take more room than what they print.
constexpr std::size_t kColumns = 78;

// What roff prints otherwise than it is written (groff_char(7)): a hyphen that is no minus, quotes
// and accents that are typographic ones.
std::string_view escape_of(char c) {
  switch (c) {
    case '\\':
      return "\\e";
    case '-':
      return "\\-";
    case '\'':
      return "\\(aq";
    case '"':
      return "\\(dq";
    case '`':
      return "\\(ga";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    case '\n':
      return " ";
    default:
      return {};
  }
}

std::string font_line(const RoffTag& tag) {
  if (tag.variable.empty()) return fmt::format(".B {}\n", roff_escaped(tag.literal));
  return fmt::format(".BI \"{} \" \"{}\"\n", roff_escaped(tag.literal), roff_escaped(tag.variable));
}

}  // namespace

std::string roff_escaped(std::string_view plain) {
  std::string out;
  // Only in the first column of a line do these two begin a request (roff(7)).
  if (plain.starts_with('.') || plain.starts_with('\'')) out += "\\&";
  for (const char c : plain) {
    const std::string_view escape = escape_of(c);
    if (escape.empty()) {
      out += c;
    } else {
      out += escape;
    }
  }
  return out;
}

RoffPage::RoffPage(std::string_view title, int section, std::string_view date,
                   std::string_view source)
    : out_(fmt::format(".TH \"{}\" \"{}\" \"{}\" \"{}\"\n", roff_escaped(title), section, date,
                       roff_escaped(source))) {}

void RoffPage::heading(std::string_view text) {
  fmt::format_to(std::back_inserter(out_), ".SH \"{}\"\n", roff_escaped(text));
}

void RoffPage::text(std::string_view plain) {
  std::string line;
  const auto end_line = [&] {
    if (!line.empty()) out_ += line + '\n';
    line.clear();
  };
  while (!plain.empty()) {
    const std::size_t space = std::min(plain.find(' '), plain.size());
    const std::string_view word = plain.substr(0, space);
    plain.remove_prefix(std::min(space + 1, plain.size()));
    if (word.empty()) continue;
    const std::string escaped = roff_escaped(word);
    if (line.size() + 1 + escaped.size() > kColumns) end_line();
    line += line.empty() ? escaped : ' ' + escaped;
    // roff knows the end of a sentence by the end of a line.
    if (word.ends_with('.')) end_line();
  }
  end_line();
}

void RoffPage::paragraph(std::string_view plain) {
  out_ += ".PP\n";
  text(plain);
}

void RoffPage::tag_line(const RoffTag& tag) { out_ += font_line(tag); }

void RoffPage::item(const RoffTag& tag) {
  out_ += ".TP\n";
  out_ += font_line(tag);
}

void RoffPage::continued(std::string_view plain) {
  out_ += ".IP\n";
  text(plain);
}

void RoffPage::example(std::span<const std::string_view> lines) {
  out_ += ".PP\n.in +4n\n.nf\n";
  for (const std::string_view line : lines) out_ += roff_escaped(line) + '\n';
  out_ += ".fi\n.in\n";
}

}  // namespace comet

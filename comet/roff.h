// Writes a manual page in the man macros of roff (man(7)).
//
// A value. Everything given to it is plain text: it can hold nothing that roff would take for a
// request, an escape or a hyphen where an option has a minus.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace comet {

// A word or two that stand for themselves, then what somebody is to replace: "--config" and "FILE".
struct RoffTag {
  std::string_view literal;
  std::string_view variable = {};
};

class RoffPage {
 public:
  // `title` without its section, as COMET-SERVER; `date` as 2026-11-24.
  RoffPage(std::string_view title, int section, std::string_view date, std::string_view source);

  void heading(std::string_view text);
  // Lines are broken at spaces.
  void text(std::string_view plain);
  void paragraph(std::string_view plain);
  // A program or an option in bold, its argument in italics, on a line of its own.
  void tag_line(const RoffTag& tag);
  // An entry of a list; text() and continued() belong to it.
  void item(const RoffTag& tag);
  // The next paragraph of the same entry.
  void continued(std::string_view plain);
  // Lines as they are.
  void example(std::span<const std::string_view> lines);

  [[nodiscard]] const std::string& source() const { return out_; }

 private:
  std::string out_;
};

// `plain` as roff prints it. What begins with a dot or an apostrophe begins with nothing, and then
// the dot.
std::string roff_escaped(std::string_view plain);

}  // namespace comet

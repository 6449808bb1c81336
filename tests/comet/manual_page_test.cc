#include "comet/manual_page.h"

#include <algorithm>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "comet/command_line.h"
#include "comet/environment.h"
#include "comet/roff.h"
#include "comet/settings.h"

namespace comet {
namespace {

using testing::HasSubstr;

TEST(ManualPage, ItHasTheUsualSectionsInTheirOrder) {
  const std::string page = render_manual_page();
  std::size_t at = 0;
  for (const char* heading :
       {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "CONFIGURATION", "ENVIRONMENT", "SIGNALS",
        "EXIT STATUS", "FILES", "EXAMPLES", "SEE ALSO"}) {
    const std::size_t found = page.find(std::string("\n.SH \"") + heading + "\"\n", at);
    ASSERT_NE(found, std::string::npos) << heading;
    at = found;
  }
}

TEST(ManualPage, EverySettingHasItsSentenceDefaultAndVariable) {
  const std::string page = render_manual_page();
  for (const Setting& setting : settings()) {
    const std::string entry = "\n.TP\n.B " + roff_escaped(setting.key) + "\n";
    const std::size_t at = page.find(entry);
    ASSERT_NE(at, std::string::npos) << setting.key;
    const std::string body = page.substr(at, page.find("\n.TP\n", at + entry.size()) - at);
    EXPECT_THAT(body, HasSubstr("\n.IP\nDefault: ")) << setting.key;
    // The line may break anywhere.
    std::string unbroken = body;
    std::ranges::replace(unbroken, '\n', ' ');
    EXPECT_THAT(unbroken, HasSubstr(roff_escaped(setting.sentence))) << setting.key;
    EXPECT_THAT(unbroken,
                HasSubstr(setting.effect == Effect::kOnReload ? "A change needs a reload."
                                                              : "A change needs a restart."))
        << setting.key;
    EXPECT_THAT(page, HasSubstr("\n.B " + environment_name(setting) + "\n"));
  }
}

TEST(ManualPage, EveryOptionIsThere) {
  const std::string page = render_manual_page();
  for (const CommandOption& option : command_options()) {
    const std::string name(option.names.substr(option.names.rfind(',') + 1));
    EXPECT_THAT(page, HasSubstr(roff_escaped(name))) << name;
    EXPECT_THAT(page, HasSubstr(roff_escaped(option.argument))) << name;
  }
}

// Were a line of data to begin with a dot or an apostrophe, roff would obey it.
TEST(ManualPage, OnlyKnownMacrosBeginALine) {
  std::istringstream lines(render_manual_page());
  for (std::string line; std::getline(lines, line);) {
    ASSERT_FALSE(line.empty()) << "man(7) has .PP for that";
    EXPECT_NE(line[0], '\'') << line;
    if (line[0] != '.') continue;
    EXPECT_THAT(line.substr(0, line.find(' ')),
                testing::AnyOf(".TH", ".SH", ".PP", ".TP", ".IP", ".B", ".BI", ".in", ".nf", ".fi"))
        << line;
  }
}

TEST(ManualPage, NoHyphenStandsWhereAMinusIsMeant) {
  std::istringstream lines(render_manual_page());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(".TH ")) continue;  // has a date
    for (std::size_t at = line.find('-'); at != std::string::npos; at = line.find('-', at + 1)) {
      EXPECT_TRUE(at > 0 && line[at - 1] == '\\') << line;
    }
  }
}

}  // namespace
}  // namespace comet

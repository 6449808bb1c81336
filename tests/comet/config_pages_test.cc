#include "comet/config_pages.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "comet/config_source.h"
#include "comet/settings.h"

namespace comet {
namespace {

using testing::HasSubstr;

LoadedConfig four_layers() {
  const ConfigSource source{"conf/x.toml",
                            {"PATH=/bin", "COMET_FRONT_AUTH=token", "COMET_LOGGER_LEVEL=warn"},
                            {"logger.level=error"}};
  auto loaded =
      source.load("reactors = 2\n\n[logger]\noutput = \"\\\"é\\\\\"\n[front]\nauth = \"none\"\n");
  EXPECT_TRUE(loaded.ok()) << loaded.error();
  return *loaded;
}

TEST(ConfigPages, TheTableOfSettingsListsEverySetting) {
  const std::string table = render_settings_table();
  for (const Setting& setting : settings()) {
    EXPECT_THAT(table, HasSubstr("| `" + std::string(setting.key) + "` | `"));
    EXPECT_THAT(setting.sentence, testing::EndsWith(".")) << setting.key;
    EXPECT_THAT(setting.sentence, testing::Not(HasSubstr("|"))) << setting.key;
  }
}

TEST(ConfigPages, TheEffectiveConfigurationNamesTheSourceOfEachValue) {
  const std::string page = render_effective_config(four_layers());
  EXPECT_THAT(page, HasSubstr("\nreactors = 2  # conf/x.toml:1\n"));
  EXPECT_THAT(page, HasSubstr("\npin_reactors = true  # default\n"));
  EXPECT_THAT(page, HasSubstr("\n[front]\n"));
  EXPECT_THAT(page, HasSubstr("\noutput = \"\\\"é\\\\\"  # conf/x.toml:4\n"));
  EXPECT_THAT(page, HasSubstr("\nauth = \"token\"  # environment, COMET_FRONT_AUTH\n"));
  EXPECT_THAT(page, HasSubstr("\nlevel = \"error\"  # command line\n"));
}

TEST(ConfigPages, TheEffectiveConfigurationIsAFileThatGivesTheSameOne) {
  const LoadedConfig config = four_layers();
  const auto again = ConfigSource{"printed.toml", {}, {}}.load(render_effective_config(config));
  ASSERT_TRUE(again.ok()) << again.error();
  for (const Setting& setting : settings()) {
    EXPECT_EQ(render_value(value_of(setting, again->config)),
              render_value(value_of(setting, config.config)));
    if (setting.secrecy == Secrecy::kSecret) continue;
    EXPECT_EQ(again->origin(setting).layer, Origin::Layer::kFile) << setting.key;
  }
}

TEST(ConfigPages, WarningsStandInItAsComments) {
  const auto loaded = ConfigSource{"", {"COMET_REACTOR=2"}, {}}.load("");
  ASSERT_TRUE(loaded.ok());
  EXPECT_THAT(render_effective_config(*loaded), HasSubstr("# COMET_REACTOR in the environment"));
}

TEST(ConfigPages, TheJsonHasKeyValueSourceAndWhetherAReloadChangesIt) {
  const std::string json = render_config_json(four_layers());
  EXPECT_THAT(json,
              testing::StartsWith("{\"config\": [\n{\"key\": \"reactors\", \"value\": 2, "
                                  "\"source\": \"conf/x.toml:1\", \"reloadable\": false},\n"));
  EXPECT_THAT(json, HasSubstr("{\"key\": \"logger.output\", \"value\": \"\\\"é\\\\\", "
                              "\"source\": \"conf/x.toml:4\", \"reloadable\": true}"));
  EXPECT_THAT(json, HasSubstr("\"value\": [\"127.0.0.0/8\", \"::1\"], \"source\": \"default\""));
  EXPECT_THAT(json, testing::EndsWith("}\n]}\n"));
}

}  // namespace
}  // namespace comet

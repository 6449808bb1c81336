#include "comet/environment.h"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "comet/config_source.h"
#include "comet/settings.h"

namespace comet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

reactor::Result<LoadedConfig> load(std::vector<std::string> environment,
                                   std::vector<std::string> overrides = {},
                                   std::string_view file = "") {
  return ConfigSource{"x.toml", std::move(environment), std::move(overrides)}.load(file);
}

TEST(Environment, EverySettingHasANameOfItsOwn) {
  std::set<std::string> names;
  for (const Setting& setting : settings()) {
    const std::string name = environment_name(setting);
    EXPECT_THAT(name, testing::MatchesRegex("COMET_[A-Z0-9_]+"));
    EXPECT_EQ(find_environment_setting(name), &setting);
    names.insert(name);
  }
  EXPECT_EQ(names.size(), settings().size());
  EXPECT_EQ(environment_name(*find_setting("front.listen")), "COMET_FRONT_LISTEN");
  EXPECT_EQ(find_environment_setting("COMET_front_listen"), nullptr);
}

TEST(Environment, EveryKindOfValueIsRead) {
  const auto loaded = load({"COMET_REACTORS=3", "COMET_PIN_REACTORS=false", "COMET_PIDFILE=/x=y",
                            "COMET_FRONT_LISTEN=127.0.0.1:1, [::1]:2", "COMET_ADMIN_ALLOW="});
  ASSERT_TRUE(loaded.ok()) << loaded.error();
  EXPECT_EQ(loaded->config.reactors, 3u);
  EXPECT_FALSE(loaded->config.pin_reactors);
  EXPECT_EQ(loaded->config.pidfile, "/x=y");
  EXPECT_THAT(loaded->config.front.listen, ElementsAre("127.0.0.1:1", "[::1]:2"));
  EXPECT_THAT(loaded->config.admin.allow, IsEmpty());
  EXPECT_THAT(loaded->warnings, IsEmpty());
}

TEST(Environment, ItWinsOverTheFileAndTheCommandLineWinsOverIt) {
  const std::string_view file = "[front]\nchannel_timeout = 1\npolling_timeout = 1\n";
  const auto loaded = load({"COMET_FRONT_CHANNEL_TIMEOUT=2", "COMET_FRONT_POLLING_TIMEOUT=2"},
                           {"front.polling_timeout=3"}, file);
  ASSERT_TRUE(loaded.ok()) << loaded.error();
  EXPECT_EQ(loaded->config.front.channel_timeout_s, 2u);
  EXPECT_EQ(loaded->config.front.polling_timeout_s, 3u);
}

TEST(Environment, AMistakeNamesTheVariable) {
  EXPECT_EQ(load({"COMET_FRONT_AUTH=x"}).error(),
            "COMET_FRONT_AUTH: front.auth must be one of none, token, not \"x\"");
  EXPECT_EQ(load({"COMET_REACTORS=two"}).error(),
            "COMET_REACTORS: reactors must be a whole number, not \"two\"");
  EXPECT_FALSE(load({"COMET_REACTORS"}).ok());
  EXPECT_FALSE(load({"COMET_REACTORS="}).ok());
}

TEST(Environment, AMisspeltVariableIsAWarningAndOthersAreNobodysBusiness) {
  const auto loaded = load({"COMET_FRONT_LISTN=127.0.0.1:1", "COMET_REACTOR=2", "COMET_SIM_SEED=1",
                            "COMET_PORT=tcp://10.0.0.1:8100", "COMET_SERVICE_HOST=10.0.0.1",
                            "COMET_PORT_8100_TCP_ADDR=10.0.0.1", "COMET_=", "COMETS=1"});
  ASSERT_TRUE(loaded.ok()) << loaded.error();
  EXPECT_THAT(loaded->warnings,
              ElementsAre(HasSubstr("COMET_FRONT_LISTN in the environment is not a setting and was "
                                    "ignored; did you mean COMET_FRONT_LISTEN?"),
                          HasSubstr("COMET_REACTORS")));
}

}  // namespace
}  // namespace comet

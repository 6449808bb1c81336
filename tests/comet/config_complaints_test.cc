// What a configuration that cannot be used is told: where, what, and never a secret.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "comet/environment.h"
#include "tests/comet/config_loading.h"

namespace comet {
namespace {

using namespace testing_config;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(ConfigComplaints, AWrongTypeIsRefusedForEveryKey) {
  for (const Setting& setting : settings()) {
    const std::string expected =
        std::string(setting.key) + " must be " + std::string(kind_in_words(setting.kind()));
    for (const std::string value : {"1.5", "1979-05-27", "{ a = 1 }"}) {
      EXPECT_THAT(file_error(file_with(setting, value)), HasSubstr(expected));
    }
    if (setting.kind() != Kind::kNumber) {
      EXPECT_THAT(file_error(file_with(setting, "1")),
                  HasSubstr(expected + ", not a whole number"));
    }
    if (setting.kind() != Kind::kBool) {
      EXPECT_THAT(file_error(file_with(setting, "true")), HasSubstr(expected + ", not true"));
    }
    if (setting.kind() != Kind::kText) {
      EXPECT_THAT(file_error(file_with(setting, "\"x\"")), HasSubstr(expected + ", not a string"));
    }
    if (setting.kind() != Kind::kList) {
      EXPECT_THAT(file_error(file_with(setting, "[\"x\"]")), HasSubstr(expected + ", not a list"));
    }
    EXPECT_THAT(file_error(file_with(setting, "[1]")),
                HasSubstr(expected + ", not a list of other things"));
  }
}

TEST(ConfigComplaints, AnErrorNamesFileLineAndColumn) {
  EXPECT_EQ(file_error("[front]\n\n    polling_timeout = 0\n"),
            "conf/x.toml:3:23: front.polling_timeout must be 1 to 86400 seconds, not 0");
  EXPECT_EQ(file_error("reactors = \"two\""),
            "conf/x.toml:1:12: reactors must be a whole number, not a string");
  EXPECT_EQ(file_error("[front]\nauth = \"tokens\""),
            "conf/x.toml:2:8: front.auth must be one of none, token, not \"tokens\"");
  EXPECT_EQ(file_error("front = 1"),
            "conf/x.toml:1:1: front must be a section, not a whole number");
}

TEST(ConfigComplaints, ASyntaxErrorNamesFileLineAndColumn) {
  const std::string error = file_error("[front]\nauth = \n");
  EXPECT_THAT(error, testing::StartsWith("conf/x.toml:2:"));
  EXPECT_THAT(error, testing::Not(HasSubstr("\n")));
}

TEST(ConfigComplaints, TheFirstErrorOfTheFileIsTheOneThatIsNamed) {
  EXPECT_THAT(file_error("reactors = -1\n[admin]\nalow = []\n"), HasSubstr(":1:12: reactors"));
  EXPECT_THAT(file_error("zebra = 1\napple = 1\n"), HasSubstr("unknown key zebra"));
}

TEST(ConfigComplaints, AnUnknownKeyComesWithTheNearestName) {
  EXPECT_EQ(file_error("[front]\npolling_timout = 3\n"),
            "conf/x.toml:2:1: unknown key front.polling_timout; did you mean "
            "front.polling_timeout?");
  EXPECT_THAT(override_error("front.foo=1"),
              testing::StartsWith("--set front.foo: unknown key front.foo; did you mean front."));
  EXPECT_EQ(override_error("front.ahut=none"),
            "--set front.ahut: unknown key front.ahut; did you mean front.auth?");
  // The right name in the wrong place.
  EXPECT_THAT(file_error("polling_timeout = 3\n"),
              HasSubstr("did you mean front.polling_timeout?"));
  EXPECT_THAT(file_error("[fornt]\nauth = \"none\"\n"), HasSubstr("did you mean front.auth?"));
  EXPECT_THAT(file_error("[front.auth]\nmode = \"none\"\n"),
              HasSubstr("front.auth must be a string"));
  // A riddle would be no help.
  EXPECT_EQ(file_error("zzz = 1"), "conf/x.toml:1:1: unknown key zzz");
  EXPECT_THAT(file_error("[nothing]\n"), HasSubstr("unknown key nothing"));
  EXPECT_THAT(file_error(std::string(100'000, 'a') + " = 1"), HasSubstr("unknown key aaa"));
}

TEST(ConfigComplaints, EveryKeyIsNearestToItselfWithOneLetterMissing) {
  for (const Setting& setting : settings()) {
    EXPECT_EQ(nearest_key(setting.key.substr(0, setting.key.size() - 1)), setting.key);
  }
}

TEST(ConfigComplaints, NoErrorRepeatsASecret) {
  const std::string secret = "not,a key but$a secret";
  for (const Setting& setting : settings()) {
    if (setting.secrecy != Secrecy::kSecret) continue;
    const std::string key(setting.key);
    // As it should be written, and as somebody may have written it.
    for (const std::string& wrong : {key + "=" + secret, key + ": " + secret, key + " " + secret,
                                     key + "s=" + secret, "x" + key + "=" + secret}) {
      EXPECT_THAT(override_error(wrong),
                  AllOf(HasSubstr(key), Not(HasSubstr("secret")), Not(HasSubstr("not,a"))));
    }
    const std::string variable = environment_name(setting);
    const auto in_environment = ConfigSource{"", {variable + "=" + secret}, {}}.load("");
    ASSERT_FALSE(in_environment.ok());
    EXPECT_THAT(in_environment.error(),
                AllOf(HasSubstr(variable), Not(HasSubstr("secret")), Not(HasSubstr("not,a"))));
    const auto misspelt = ConfigSource{"", {variable + "S=" + secret}, {}}.load("");
    ASSERT_TRUE(misspelt.ok());
    EXPECT_THAT(misspelt->warnings, ElementsAre(Not(HasSubstr("secret"))));
    EXPECT_THAT(file_error("[" + std::string(setting.section()) + "]\n" +
                           std::string(setting.name()) + " = [\"" + secret + "\"]\n"),
                AllOf(HasSubstr(key), Not(HasSubstr("secret"))));
  }
}

TEST(ConfigComplaints, AddressesAreLookedAt) {
  EXPECT_THAT(file_error("[front]\nlisten = [\"127.0.0.1:1\", \"localhost:80\"]\n"),
              HasSubstr("conf/x.toml:2:10: front.listen: \"localhost:80\""));
  EXPECT_THAT(file_error("[admin]\ndeny = [\"10.0.0.0/33\"]\n"), HasSubstr("admin.deny: "));
}

TEST(ConfigComplaints, AnAddressThatIsNamedTwiceIsRefused) {
  EXPECT_EQ(error_of(load("", {"front.listen=127.0.0.1:8000"})),
            "--set front.listen: front.listen and admin.listen both name 127.0.0.1:8000");
  EXPECT_EQ(file_error("[front]\nlisten = [\"[::1]:1\", \"[0:0::1]:1\"]\n"),
            "conf/x.toml:2:10: front.listen names [::1]:1 twice");
  EXPECT_EQ(
      file_error("[admin]\nlisten = [\"127.0.0.1:1\"]\n[front]\nlisten = [\"127.0.0.1:1\"]\n"),
      "conf/x.toml:2:10: front.listen and admin.listen both name 127.0.0.1:1");
  EXPECT_EQ(error_of(load("", {"front.listen=[::1]:1,[0:0::1]:1"})),
            "--set front.listen: front.listen names [::1]:1 twice");
  EXPECT_EQ(error_of(load("", {"front.listen=0.0.0.0:8000"})),
            "--set front.listen: 0.0.0.0:8000 of front.listen and 127.0.0.1:8000 of admin.listen "
            "want the same port");
  EXPECT_TRUE(load("", {"front.listen=127.0.0.1:0,127.0.0.1:0", "admin.listen=127.0.0.1:0"}).ok());
}

TEST(ConfigComplaints, ControlCharactersAreRefused) {
  EXPECT_THAT(file_error("[logger]\noutput = \"a\\r\\nb\"\n"),
              HasSubstr("logger.output must not contain control characters"));
  // A line break in it would be one in the header of a response.
  EXPECT_THAT(file_error("[front]\nallow_origins = [\"https://a\\r\\nX: y\"]\n"),
              HasSubstr("control characters"));
  EXPECT_THAT(file_error("pidfile = \"a\\u0000b\"\n"), HasSubstr("control characters"));
}

}  // namespace
}  // namespace comet

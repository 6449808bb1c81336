#include "comet/config_source.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "comet/config_pages.h"
#include "comet/environment.h"
#include "comet/settings.h"

namespace comet {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kFile = "conf/x.toml";

reactor::Result<Config> load(std::string_view text,
                             const std::vector<std::string>& overrides = {}) {
  const ConfigSource source{std::string(kFile), {}, overrides};
  auto loaded = source.load(text);
  if (!loaded) return reactor::Error{loaded.error()};
  return loaded->config;
}

std::string error_of(const reactor::Result<Config>& result) {
  return result.ok() ? "no error" : result.error();
}

std::string file_error(std::string_view text) { return error_of(load(text)); }
std::string override_error(const std::string& text) { return error_of(load("", {text})); }

// A file with one key: its section is a dotted key's first part.
std::string file_with(const Setting& setting, const std::string& value) {
  return std::string(setting.key) + " = " + value + "\n";
}

void expect_equal(const Config& a, const Config& b) {
  for (const Setting& setting : settings()) {
    EXPECT_EQ(render_value(value_of(setting, a)), render_value(value_of(setting, b)))
        << setting.key;
  }
}

TEST(ConfigSource, AnEmptyFileGivesTheDefaults) {
  const auto config = load("");
  ASSERT_TRUE(config.ok()) << config.error();
  expect_equal(*config, Config{});
  EXPECT_EQ(config->reactors, 0u);
  EXPECT_TRUE(config->pin_reactors);
  EXPECT_EQ(config->pidfile, "");
  EXPECT_EQ(config->state_file, "");
  EXPECT_EQ(config->state_interval_s, 60u);
  EXPECT_THAT(config->front.listen, ElementsAre("0.0.0.0:8100"));
  EXPECT_EQ(config->front.auth, Auth::kNone);
  EXPECT_EQ(config->front.max_channels, 10'000'000u);
  EXPECT_EQ(config->front.max_subscribers_per_channel, 10'000'000u);
  EXPECT_EQ(config->front.max_channels_per_connection, 32u);
  EXPECT_EQ(config->front.channel_buffer_size, 100u);
  EXPECT_EQ(config->front.channel_timeout_s, 60u);
  EXPECT_EQ(config->front.polling_timeout_s, 30u);
  EXPECT_EQ(config->front.allow_origins, std::vector<std::string>{"*"});
  EXPECT_EQ(config->front.backlog_messages, 8192u);
  EXPECT_EQ(config->front.backlog_bytes, 4u * 1024 * 1024);
  EXPECT_EQ(config->front.slow_subscriber, SlowSubscriber::kClose);
  EXPECT_EQ(config->front.coalesce_us, 1000u);
  EXPECT_THAT(config->admin.listen, ElementsAre("127.0.0.1:8000"));
  EXPECT_THAT(config->admin.allow, ElementsAre("127.0.0.0/8", "::1"));
  EXPECT_THAT(config->admin.deny, ElementsAre("all"));
  EXPECT_EQ(config->logger.level, "info");
  EXPECT_EQ(config->logger.output, "stderr");
  EXPECT_EQ(config->logger.format, "text");
  EXPECT_EQ(config->limits.target_bytes, 65536u);
  EXPECT_EQ(config->limits.header_bytes, 32768u);
  EXPECT_EQ(config->limits.header_count, 100u);
  EXPECT_EQ(config->limits.body_bytes, 8388608u);
  EXPECT_EQ(config->limits.websocket_message_bytes, 65536u);
  EXPECT_EQ(config->limits.content_bytes, 1048576u);
  EXPECT_EQ(config->limits.header_timeout_s, 10u);
  EXPECT_EQ(config->limits.body_timeout_s, 30u);
  EXPECT_EQ(config->limits.idle_timeout_s, 75u);
  EXPECT_EQ(config->limits.peer_timeout_s, 120u);
  EXPECT_EQ(config->limits.keepalive_s, 120u);
}

TEST(ConfigSource, EveryKeyReachesItsPlace) {
  const auto config = load(R"(
reactors = 3
pin_reactors = false
pidfile = "/run/comet.pid"
state_file = "/var/lib/comet/state"
state_interval = 7
drain_timeout = 1000
trusted_proxies = ["10.0.0.0/8", "unix"]
[front]
listen = ["127.0.0.1:81", "[::1]:82"]
auth = "token"
create_channels = false
demo = true
max_connections = 2101
max_connections_per_address = 2102
accepts_per_second = 2103
max_channels = 1001
max_subscribers_per_channel = 1002
max_channels_per_connection = 103
channel_buffer_size = 1003
channel_timeout = 1004
polling_timeout = 1005
sse_retry = 1999
allow_origins = ["https://example.org"]
backlog_messages = 1006
backlog_bytes = 10007
slow_subscriber = "skip"
coalesce_us = 1008
[admin]
listen = ["127.0.0.1:83"]
allow = ["10.0.0.0/8"]
deny = []
reserved_descriptors = 2104
key = ["0123456789abcdef"]
[logger]
level = "debug"
output = "/var/log/comet.log"
format = "json"
[limits]
target_bytes = 2001
header_bytes = 2002
header_count = 2003
body_bytes = 2004
websocket_message_bytes = 2009
content_bytes = 2005
batch_messages = 2011
header_timeout = 2006
body_timeout = 2007
idle_timeout = 2008
peer_timeout = 2009
keepalive = 2010
max_memory = 5000000000
)");
  ASSERT_TRUE(config.ok()) << config.error();
  EXPECT_EQ(config->reactors, 3u);
  EXPECT_FALSE(config->pin_reactors);
  EXPECT_EQ(config->pidfile, "/run/comet.pid");
  EXPECT_EQ(config->state_file, "/var/lib/comet/state");
  EXPECT_EQ(config->state_interval_s, 7u);
  EXPECT_THAT(config->trusted_proxies, ElementsAre("10.0.0.0/8", "unix"));
  EXPECT_THAT(config->front.listen, ElementsAre("127.0.0.1:81", "[::1]:82"));
  EXPECT_EQ(config->front.auth, Auth::kToken);
  EXPECT_EQ(config->front.max_channels, 1001u);
  EXPECT_EQ(config->front.max_subscribers_per_channel, 1002u);
  EXPECT_EQ(config->front.max_channels_per_connection, 103u);
  EXPECT_EQ(config->front.channel_buffer_size, 1003u);
  EXPECT_EQ(config->front.channel_timeout_s, 1004u);
  EXPECT_EQ(config->front.polling_timeout_s, 1005u);
  EXPECT_EQ(config->front.allow_origins, std::vector<std::string>{"https://example.org"});
  EXPECT_EQ(config->front.backlog_messages, 1006u);
  EXPECT_EQ(config->front.backlog_bytes, 10007u);
  EXPECT_EQ(config->front.slow_subscriber, SlowSubscriber::kSkip);
  EXPECT_EQ(config->front.coalesce_us, 1008u);
  EXPECT_THAT(config->admin.listen, ElementsAre("127.0.0.1:83"));
  EXPECT_THAT(config->admin.allow, ElementsAre("10.0.0.0/8"));
  EXPECT_THAT(config->admin.deny, IsEmpty());
  EXPECT_THAT(config->admin.key, ElementsAre("0123456789abcdef"));
  EXPECT_EQ(config->logger.level, "debug");
  EXPECT_EQ(config->logger.output, "/var/log/comet.log");
  EXPECT_EQ(config->logger.format, "json");
  EXPECT_EQ(config->limits.target_bytes, 2001u);
  EXPECT_EQ(config->limits.header_bytes, 2002u);
  EXPECT_EQ(config->limits.header_count, 2003u);
  EXPECT_EQ(config->limits.body_bytes, 2004u);
  EXPECT_EQ(config->limits.websocket_message_bytes, 2009u);
  EXPECT_EQ(config->limits.content_bytes, 2005u);
  EXPECT_EQ(config->limits.batch_messages, 2011u);
  EXPECT_EQ(config->limits.header_timeout_s, 2006u);
  EXPECT_EQ(config->limits.body_timeout_s, 2007u);
  EXPECT_EQ(config->limits.idle_timeout_s, 2008u);
  EXPECT_EQ(config->limits.peer_timeout_s, 2009u);
  EXPECT_EQ(config->limits.keepalive_s, 2010u);
  EXPECT_EQ(config->limits.max_memory, 5'000'000'000u);
  for (const Setting& setting : settings()) {
    EXPECT_NE(render_value(value_of(setting, *config)), render_value(value_of(setting, Config{})))
        << setting.key << " is not covered by this test";
  }
}

TEST(ConfigSource, BoundsOfNumbersAreInclusive) {
  for (const Setting& setting : settings()) {
    if (setting.kind() != Kind::kNumber) continue;
    for (const std::int64_t inside : {setting.min, setting.min + 1, setting.max - 1, setting.max}) {
      const std::string text = std::to_string(inside);
      const auto from_file = load(file_with(setting, text));
      ASSERT_TRUE(from_file.ok()) << from_file.error();
      EXPECT_EQ(render_value(value_of(setting, *from_file)), text) << setting.key;
      const auto from_override = load("", {std::string(setting.key) + "=" + text});
      ASSERT_TRUE(from_override.ok()) << from_override.error();
      EXPECT_EQ(render_value(value_of(setting, *from_override)), text) << setting.key;
    }
    for (const std::int64_t outside : {setting.min - 1, setting.max + 1}) {
      const std::string text = std::to_string(outside);
      EXPECT_THAT(file_error(file_with(setting, text)), HasSubstr(", not " + text));
      EXPECT_THAT(override_error(std::string(setting.key) + "=" + text),
                  HasSubstr(", not " + text));
    }
  }
}

TEST(ConfigSource, BoundsFitTheirFields) {
  for (const Setting& setting : settings()) {
    EXPECT_GE(setting.min, 0) << setting.key;
    const bool wide = std::holds_alternative<std::size_t* (*)(Config&)>(setting.field);
    const std::int64_t most =
        wide ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::uint32_t>::max();
    EXPECT_LE(setting.max, most) << setting.key;
  }
}

TEST(ConfigSource, BoundsOfTextsAndListsAreInclusive) {
  for (const Setting& setting : settings()) {
    if (setting.kind() == Kind::kText && setting.choices.empty()) {
      const auto text_of = [](std::int64_t length) {
        return '"' + std::string(static_cast<std::size_t>(length), 'x') + '"';
      };
      EXPECT_TRUE(load(file_with(setting, text_of(setting.min))).ok()) << setting.key;
      EXPECT_TRUE(load(file_with(setting, text_of(setting.max))).ok()) << setting.key;
      EXPECT_FALSE(load(file_with(setting, text_of(setting.max + 1))).ok()) << setting.key;
      EXPECT_EQ(load(file_with(setting, "\"\"")).ok(), setting.min == 0) << setting.key;
    }
    if (setting.kind() == Kind::kList) {
      const auto list_of = [](std::int64_t count) {
        std::string list = "[";
        for (std::int64_t i = 0; i < count; ++i) list += "\"127.0.0.1:0\", ";
        return list + "]";
      };
      if (setting.min > 0) {
        EXPECT_TRUE(load(file_with(setting, list_of(setting.max))).ok()) << setting.key;
        EXPECT_THAT(file_error(file_with(setting, "[]")), HasSubstr("must have 1 to 64 addresses"));
      } else {
        EXPECT_TRUE(load(file_with(setting, "[]")).ok()) << setting.key;
      }
      EXPECT_THAT(file_error(file_with(setting, list_of(setting.max + 1))), HasSubstr("must have"));
    }
  }
}

TEST(ConfigSource, AWrongTypeIsRefusedForEveryKey) {
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

TEST(ConfigSource, AnErrorNamesFileLineAndColumn) {
  EXPECT_EQ(file_error("[front]\n\n    polling_timeout = 0\n"),
            "conf/x.toml:3:23: front.polling_timeout must be 1 to 86400 seconds, not 0");
  EXPECT_EQ(file_error("reactors = \"two\""),
            "conf/x.toml:1:12: reactors must be a whole number, not a string");
  EXPECT_EQ(file_error("[front]\nauth = \"tokens\""),
            "conf/x.toml:2:8: front.auth must be one of none, token, not \"tokens\"");
  EXPECT_EQ(file_error("front = 1"),
            "conf/x.toml:1:1: front must be a section, not a whole number");
}

TEST(ConfigSource, ASyntaxErrorNamesFileLineAndColumn) {
  const std::string error = file_error("[front]\nauth = \n");
  EXPECT_THAT(error, testing::StartsWith("conf/x.toml:2:"));
  EXPECT_THAT(error, testing::Not(HasSubstr("\n")));
}

TEST(ConfigSource, TheFirstErrorOfTheFileIsTheOneThatIsNamed) {
  EXPECT_THAT(file_error("reactors = -1\n[admin]\nalow = []\n"), HasSubstr(":1:12: reactors"));
  EXPECT_THAT(file_error("zebra = 1\napple = 1\n"), HasSubstr("unknown key zebra"));
}

TEST(ConfigSource, AnUnknownKeyComesWithTheNearestName) {
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

TEST(ConfigSource, EveryKeyIsNearestToItselfWithOneLetterMissing) {
  for (const Setting& setting : settings()) {
    EXPECT_EQ(nearest_key(setting.key.substr(0, setting.key.size() - 1)), setting.key);
  }
}

TEST(ConfigSource, OverridesTakeStringsNumbersListsAndBools) {
  const auto config = load(
      "", {"logger.output=a=b.log", "front.polling_timeout=7", "front.listen=127.0.0.1:1, [::1]:2",
           "pin_reactors=false", "admin.allow=", "front.auth=token"});
  ASSERT_TRUE(config.ok()) << config.error();
  EXPECT_EQ(config->logger.output, "a=b.log");
  EXPECT_EQ(config->front.polling_timeout_s, 7u);
  EXPECT_THAT(config->front.listen, ElementsAre("127.0.0.1:1", "[::1]:2"));
  EXPECT_FALSE(config->pin_reactors);
  EXPECT_THAT(config->admin.allow, IsEmpty());
  EXPECT_EQ(config->front.auth, Auth::kToken);
}

TEST(ConfigSource, BadOverridesAreRefused) {
  EXPECT_EQ(override_error("reactors"), "--set reactors: write it as key=value");
  EXPECT_EQ(override_error("reactors=two"),
            "--set reactors=two: reactors must be a whole number, not \"two\"");
  for (const std::string bad :
       {"reactors=", "reactors=1x", "reactors= 1", "reactors=1.0", "reactors=99999999999999999999",
        "pin_reactors=yes", "front.listen=", "front.listen=127.0.0.1", "admin.allow=a,,b",
        "reactors: 1", "reactors 1"}) {
    EXPECT_THAT(override_error(bad), testing::StartsWith("--set " + bad + ": "));
  }
  EXPECT_THAT(override_error("=1"), testing::StartsWith("--set : write it as key=value"));
  EXPECT_THAT(override_error("front=1"), testing::StartsWith("--set front: unknown key front"));
}

TEST(ConfigSource, NoErrorRepeatsASecret) {
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

TEST(ConfigSource, AListInTheSpellingOfTheFileIsToldHowItIsWrittenHere) {
  for (const std::string list : {"[\"::1\"]", "['::1']", "[ \"::1\" ]", "[]"}) {
    EXPECT_EQ(override_error("admin.allow=" + list),
              "--set admin.allow=" + list +
                  ": admin.allow: a list is written here with commas, without brackets and quotes");
  }
}

TEST(ConfigSource, AComplaintIsOneLineAndKeepsSecrets) {
  EXPECT_EQ(override_error("front.auth=a\nb"),
            "--set front.auth=a\\x0ab: front.auth must be one of none, token, not \"a\\x0ab\"");
  EXPECT_THAT(override_error("admin.key=hush"), testing::Not(HasSubstr("hush")));
}

TEST(ConfigSource, OverridesWinOverTheFileAndTheLastOfThemCounts) {
  const auto config = load("reactors = 1\n[front]\nchannel_timeout = 5\npolling_timeout = 6\n",
                           {"reactors=2", "front.channel_timeout=8", "reactors=3"});
  ASSERT_TRUE(config.ok()) << config.error();
  EXPECT_EQ(config->reactors, 3u);
  EXPECT_EQ(config->front.channel_timeout_s, 8u);
  EXPECT_EQ(config->front.polling_timeout_s, 6u);
}

TEST(ConfigSource, ABrokenFileIsNotHealedByAnOverride) {
  EXPECT_FALSE(load("reactors = -1", {"reactors=1"}).ok());
}

TEST(ConfigSource, AddressesAreLookedAt) {
  EXPECT_THAT(file_error("[front]\nlisten = [\"127.0.0.1:1\", \"localhost:80\"]\n"),
              HasSubstr("conf/x.toml:2:10: front.listen: \"localhost:80\""));
  EXPECT_THAT(file_error("[admin]\ndeny = [\"10.0.0.0/33\"]\n"), HasSubstr("admin.deny: "));
}

TEST(ConfigSource, AnAddressThatIsNamedTwiceIsRefused) {
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

TEST(ConfigSource, ControlCharactersAreRefused) {
  EXPECT_THAT(file_error("[logger]\noutput = \"a\\r\\nb\"\n"),
              HasSubstr("logger.output must not contain control characters"));
  // A line break in it would be one in the header of a response.
  EXPECT_THAT(file_error("[front]\nallow_origins = [\"https://a\\r\\nX: y\"]\n"),
              HasSubstr("control characters"));
  EXPECT_THAT(file_error("pidfile = \"a\\u0000b\"\n"), HasSubstr("control characters"));
}

TEST(ConfigSource, TheReferenceConfigurationLoadsAndEqualsTheDefaults) {
  std::ifstream in(COMET_SOURCE_DIR "/conf/comet.toml");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  ASSERT_FALSE(text.empty());
  const auto config = load(text);
  ASSERT_TRUE(config.ok()) << config.error();
  expect_equal(*config, Config{});
  for (const Setting& setting : settings()) {
    EXPECT_THAT(text, HasSubstr("\n" + std::string(setting.name()) + " = ")) << setting.key;
  }
}

TEST(ConfigSource, ALineEndedByCrLfIsALine) {
  const auto config = load("reactors = 2\r\n[front]\r\nauth = \"token\"\r\n");
  ASSERT_TRUE(config.ok()) << config.error();
  EXPECT_EQ(config->reactors, 2u);
}

}  // namespace
}  // namespace comet

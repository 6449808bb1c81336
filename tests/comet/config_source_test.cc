// What a configuration file can say, and where it ends up.
#include "comet/config_source.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "comet/config_pages.h"
#include "tests/comet/config_loading.h"
#include "tests/support/file_bytes.h"

namespace comet {
namespace {

using namespace testing_config;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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
  EXPECT_EQ(config->limits.unsent_bytes, 128u * 1024);
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
unsent_bytes = 100001
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
  EXPECT_EQ(config->limits.unsent_bytes, 100'001u);
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

TEST(ConfigSource, TheReferenceConfigurationLoadsAndEqualsTheDefaults) {
  const std::string text = support::file_bytes(COMET_SOURCE_DIR "/conf/comet.toml");
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

#include "comet/icomet_import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "comet/config_source.h"

namespace comet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Every key that iComet's own configuration has.
constexpr std::string_view kEveryKey = R"(# a server for chats
pidfile = /run/icomet.pid

logger:
	level: warn
	output: /var/log/icomet.log
	rotate:
		size: 500000000

admin:
	#listen: 127.0.0.1:9000
	listen: 10.1.0.4:8000
	allow: 10.1
	allow: 127.0.0.1
	deny: all

front:
	listen: 0.0.0.0:8200
	# none|token
	auth: token
	max_channels: 20000
	max_subscribers_per_channel: 8
	channel_buffer_size: 25
	channel_timeout: 40
	polling_timeout: 45
)";

std::string toml_of(std::string_view text) {
  const auto toml = import_icomet(text, "i.conf");
  EXPECT_TRUE(toml.ok()) << toml.error();
  return toml.ok() ? *toml : "";
}

// What the import of `text` configures; it must load.
Config imported(std::string_view text) {
  const auto loaded = ConfigSource{"x.toml", {}, {}}.load(toml_of(text));
  EXPECT_TRUE(loaded.ok()) << loaded.error();
  return loaded.ok() ? loaded->config : Config{};
}

std::string error_of(std::string_view text) {
  const auto toml = import_icomet(text, "i.conf");
  return toml.ok() ? "" : toml.error();
}

TEST(IcometImport, TheOperatorsValuesAreKept) {
  const Config config = imported(kEveryKey);
  EXPECT_EQ(config.pidfile, "/run/icomet.pid");
  EXPECT_EQ(config.logger.level, "warn");
  EXPECT_EQ(config.logger.output, "/var/log/icomet.log");
  EXPECT_THAT(config.admin.listen, ElementsAre("10.1.0.4:8000"));
  EXPECT_THAT(config.admin.allow, ElementsAre("10.1", "127.0.0.1"));
  EXPECT_THAT(config.admin.deny, ElementsAre("all"));
  EXPECT_THAT(config.front.listen, ElementsAre("0.0.0.0:8200"));
  EXPECT_EQ(config.front.auth, Auth::kToken);
  EXPECT_EQ(config.front.max_channels, 20000u);
  EXPECT_EQ(config.front.max_subscribers_per_channel, 8u);
  EXPECT_EQ(config.front.channel_buffer_size, 25u);
  EXPECT_EQ(config.front.channel_timeout_s, 40u);
  EXPECT_EQ(config.front.polling_timeout_s, 45u);
}

TEST(IcometImport, WhatItPrintsReadsLikeAFileOfOurs) {
  EXPECT_EQ(toml_of(kEveryKey),
            R"(# Made from an iComet configuration. What is not here has this server's default.
pidfile = "/run/icomet.pid"

[front]
listen = ["0.0.0.0:8200"]
auth = "token"
max_channels = 20000
max_subscribers_per_channel = 8
channel_buffer_size = 25
channel_timeout = 40
polling_timeout = 45

[admin]
listen = ["10.1.0.4:8000"]
# A prefix has whole numbers here: 10 does not let in 100.1.2.3.
allow = ["10.1", "127.0.0.1"]
deny = ["all"]

[logger]
level = "warn"
output = "/var/log/icomet.log"

# Left out:
# line 8, logger.rotate.size: 500000000
#   logrotate does that: on SIGUSR1 the log file is opened anew; see comet.logrotate.
)");
}

TEST(IcometImport, WhatHasNoEquivalentIsAComment) {
  const std::string toml =
      toml_of("front:\n\tshards: 3\n\tstream_chunk_suffix_template: );</script>\n");
  EXPECT_THAT(toml, HasSubstr("# line 2, front.shards: 3\n#   neither iComet nor this server has"));
  EXPECT_THAT(toml,
              HasSubstr("# line 3, front.stream_chunk_suffix_template: );</script>\n#   what"));
  EXPECT_THAT(toml, Not(HasSubstr("\n[")));
}

TEST(IcometImport, AnEmptyFileHasOurDefaults) {
  const Config config = imported("");
  EXPECT_EQ(config.admin.allow, Config{}.admin.allow);
  EXPECT_EQ(config.front.max_channels, Config{}.front.max_channels);
}

TEST(IcometImport, OneAccessListDoesWithoutOurDefaultOfTheOther) {
  const Config allow_only = imported("admin:\n\tallow: 10.0.0.1\n");
  EXPECT_THAT(allow_only.admin.allow, ElementsAre("10.0.0.1"));
  EXPECT_THAT(allow_only.admin.deny, IsEmpty());
  const Config deny_only = imported("admin:\n\tdeny: 10.0.0.1\n");
  EXPECT_THAT(deny_only.admin.allow, IsEmpty());
  EXPECT_THAT(deny_only.admin.deny, ElementsAre("10.0.0.1"));
}

TEST(IcometImport, WithoutAccessListsTheAdminPortStaysClosedAndThatIsSaid) {
  EXPECT_THAT(toml_of("admin:\n\tlisten: 0.0.0.0:8000\n"),
              HasSubstr("# There is neither allow nor"));
  EXPECT_THAT(toml_of("admin:\n\tallow: all\n"), Not(HasSubstr("# There is neither")));
}

TEST(IcometImport, OnlyPrefixesThatReadDifferentlyAreRemarkedOn) {
  for (const char* same : {"10.0.0.1", "192.168.", "10.0.0.0/8", "all", "*", "::1"}) {
    EXPECT_THAT(toml_of(std::string("admin:\n\tallow: ") + same + "\n"),
                Not(HasSubstr("whole numbers")))
        << same;
  }
  EXPECT_THAT(toml_of("admin:\n\tdeny: 192.168\n"), HasSubstr("whole numbers"));
}

TEST(IcometImport, OfARepeatedKeyTheFirstCounts) {
  const std::string text =
      "front:\n\tauth: token\n\tauth: none\n\tlisten: 1.2.3.4:1\n\tlisten: 1.2.3.4:2\n";
  EXPECT_EQ(imported(text).front.auth, Auth::kToken);
  EXPECT_THAT(imported(text).front.listen, ElementsAre("1.2.3.4:1"));
  EXPECT_THAT(toml_of(text), HasSubstr("# line 3, front.auth: none\n#   of a repeated key"));
  EXPECT_THAT(toml_of(text), HasSubstr("# line 5, front.listen: 1.2.3.4:2\n#   iComet listened"));
}

TEST(IcometImport, AnAddressMayStandInTwoHalves) {
  EXPECT_THAT(imported("front:\n\tip: 127.0.0.1\n\tport: 99\n").front.listen,
              ElementsAre("127.0.0.1:99"));
  EXPECT_THAT(imported("admin:\n\tport: 99\n\tip: ::1\n").admin.listen, ElementsAre("[::1]:99"));
  EXPECT_THAT(toml_of("front:\n\tport: 99\n"),
              HasSubstr("# line 2, front.port: 99\n#   an address"));
  EXPECT_THAT(error_of("front:\n\tip: 127.0.0.1\n\tport: x\n"), testing::StartsWith("i.conf:3: "));
}

TEST(IcometImport, AChannelTimeoutOfNothingWasHalfOfThePollingTimeout) {
  EXPECT_EQ(
      imported("front:\n\tchannel_timeout: 0\n\tpolling_timeout: 45\n").front.channel_timeout_s,
      22u);
  EXPECT_EQ(
      imported("front:\n\tpolling_timeout: 1\n\tchannel_timeout: 0\n").front.channel_timeout_s, 1u);
  EXPECT_THAT(toml_of("front:\n\tchannel_timeout: 0\n"),
              HasSubstr("# iComet took half of polling_timeout, for there was a 0.\n"
                        "channel_timeout = 15\n"));
}

TEST(IcometImport, RelativePathsAreRemarkedOn) {
  EXPECT_THAT(toml_of("pidfile = ./i.pid\n"), HasSubstr("# iComet counted the path from"));
  EXPECT_THAT(toml_of("logger:\n\toutput: log.txt\n"), HasSubstr("# iComet counted the path"));
  for (const char* other : {"stdout", "stderr", "/var/log/x"}) {
    EXPECT_THAT(toml_of(std::string("logger:\n\toutput: ") + other + "\n"),
                Not(HasSubstr("# iComet counted")));
  }
  EXPECT_EQ(imported("logger:\n\toutput:\n").logger.output, "stdout");
}

TEST(IcometImport, QuotesAndBackslashesOfAPathSurvive) {
  EXPECT_EQ(imported("pidfile: /a \"b\" \\c # é\n").pidfile, "/a \"b\" \\c # é");
}

TEST(IcometImport, WhatIsWrongIsOneSentenceWithFileAndLine) {
  EXPECT_EQ(error_of("front:\n\tmax_channels: many\n"),
            "i.conf:2: front.max_channels must be a whole number, not \"many\"");
  EXPECT_THAT(error_of("front:\n\tmax_channels: 0\n"),
              HasSubstr("i.conf:2: front.max_channels must"));
  EXPECT_THAT(error_of("front:\n\tauth: yes\n"), HasSubstr("i.conf:2: front.auth must be one of"));
  EXPECT_THAT(error_of("admin:\n\n\tdeny: nobody\n"),
              HasSubstr("i.conf:3: admin.deny: \"nobody\""));
  EXPECT_THAT(error_of("front:\n\tlisten: 80\n"), HasSubstr("i.conf:2: front.listen: "));
  EXPECT_THAT(error_of("pidfile: a\tb\n"), HasSubstr("i.conf:1: pidfile must not contain control"));
  EXPECT_EQ(error_of("front:\n  auth: none\n"),
            "i.conf:2: lines are indented by tabs, not by spaces");
}

TEST(IcometImport, TwoPortsOnOneAddressAreRefused) {
  EXPECT_EQ(error_of("front:\n\tlisten: 0.0.0.0:80\nadmin:\n\tlisten: 0.0.0.0:80\n"),
            "i.conf:4: front.listen and admin.listen both name 0.0.0.0:80");
  // The other one may be our default.
  EXPECT_THAT(error_of("front:\n\tlisten: 127.0.0.1:8000\n"),
              HasSubstr("i.conf:2: front.listen and"));
}

}  // namespace
}  // namespace comet

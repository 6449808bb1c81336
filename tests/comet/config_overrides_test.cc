// Settings on the command line: --set key=value.
#include "comet/config_overrides.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/comet/config_loading.h"

namespace comet {
namespace {

using namespace testing_config;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ConfigOverrides, OverridesTakeStringsNumbersListsAndBools) {
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

TEST(ConfigOverrides, BadOverridesAreRefused) {
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

TEST(ConfigOverrides, AListInTheSpellingOfTheFileIsToldHowItIsWrittenHere) {
  for (const std::string list : {"[\"::1\"]", "['::1']", "[ \"::1\" ]", "[]"}) {
    EXPECT_EQ(override_error("admin.allow=" + list),
              "--set admin.allow=" + list +
                  ": admin.allow: a list is written here with commas, without brackets and quotes");
  }
}

TEST(ConfigOverrides, AComplaintIsOneLineAndKeepsSecrets) {
  EXPECT_EQ(override_error("front.auth=a\nb"),
            "--set front.auth=a\\x0ab: front.auth must be one of none, token, not \"a\\x0ab\"");
  EXPECT_THAT(override_error("admin.key=hush"), testing::Not(HasSubstr("hush")));
}

TEST(ConfigOverrides, OverridesWinOverTheFileAndTheLastOfThemCounts) {
  const auto config = load("reactors = 1\n[front]\nchannel_timeout = 5\npolling_timeout = 6\n",
                           {"reactors=2", "front.channel_timeout=8", "reactors=3"});
  ASSERT_TRUE(config.ok()) << config.error();
  EXPECT_EQ(config->reactors, 3u);
  EXPECT_EQ(config->front.channel_timeout_s, 8u);
  EXPECT_EQ(config->front.polling_timeout_s, 6u);
}

TEST(ConfigOverrides, ABrokenFileIsNotHealedByAnOverride) {
  EXPECT_FALSE(load("reactors = -1", {"reactors=1"}).ok());
}

}  // namespace
}  // namespace comet

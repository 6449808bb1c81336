#include "comet/config_changes.h"

#include <gtest/gtest.h>

#include "comet/settings.h"

namespace comet {
namespace {

TEST(ConfigChanges, NothingChangedIsAnEmptyList) {
  EXPECT_TRUE(config_changes(Config{}, Config{}).empty());
}

TEST(ConfigChanges, EachChangedKeyHasItsOldAndItsNewValue) {
  Config to;
  to.front.auth = Auth::kToken;
  to.front.polling_timeout_s = 10;
  to.admin.allow = {"10.0.0.0/8"};
  const auto changes = config_changes(Config{}, to);
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(describe(changes[0]), "front.auth: \"none\" -> \"token\"");
  EXPECT_EQ(describe(changes[1]), "front.polling_timeout: 30 -> 10");
  EXPECT_EQ(describe(changes[2]), "admin.allow: [\"127.0.0.0/8\", \"::1\"] -> [\"10.0.0.0/8\"]");
}

TEST(ConfigChanges, AKeyThatNeedsARestartSaysSo) {
  Config to;
  to.reactors = 7;
  const auto changes = config_changes(Config{}, to);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(describe(changes[0]), "reactors: 0 -> 7 (needs a restart; not changed)");
}

TEST(ConfigChanges, ASecretIsNotShown) {
  Setting secret = *find_setting("logger.output");
  secret.secrecy = Secrecy::kSecret;
  const ConfigChange change{&secret, "\"old password\"", "\"new password\""};
  EXPECT_EQ(describe(change), "logger.output: changed");
}

TEST(ConfigChanges, WhatNeedsARestartKeepsItsValueAndTheRestIsTaken) {
  Config running;
  running.reactors = 2;
  running.front.listen = {"127.0.0.1:1"};
  running.front.auth = Auth::kToken;
  running.front.max_channels = 5;
  LoadedConfig was(running);
  was.origin(*find_setting("reactors")).layer = Origin::Layer::kCommandLine;
  LoadedConfig wanted{Config{}};
  wanted.origin(*find_setting("front.auth")).layer = Origin::Layer::kFile;
  const LoadedConfig loaded = keep_until_restart(was, wanted);
  EXPECT_EQ(loaded.origin(*find_setting("reactors")).layer, Origin::Layer::kCommandLine);
  EXPECT_EQ(loaded.origin(*find_setting("front.auth")).layer, Origin::Layer::kFile);
  const Config& kept = loaded.config;
  EXPECT_EQ(kept.reactors, 2u);
  EXPECT_EQ(kept.front.listen, running.front.listen);
  EXPECT_EQ(kept.front.auth, Auth::kNone);
  EXPECT_EQ(kept.front.max_channels, Config{}.front.max_channels);
}

TEST(ConfigChanges, OnlyWhatShapesTheProcessNeedsARestart) {
  std::vector<std::string_view> keys;
  for (const Setting& setting : settings()) {
    if (setting.effect == Effect::kOnRestart) keys.push_back(setting.key);
  }
  EXPECT_EQ(keys, (std::vector<std::string_view>{
                      "reactors", "pin_reactors", "pidfile", "state_file", "state_interval",
                      "front.listen", "admin.listen", "admin.reserved_descriptors",
                      "limits.peer_timeout", "limits.keepalive", "limits.unsent_bytes"}));
}

}  // namespace
}  // namespace comet

#include "bench/load/options.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace load {
namespace {

std::variant<Options, Farewell> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "comet-load");
  return parse_options(words);
}

Options good(const std::vector<std::string>& words) {
  auto parsed = parse(words);
  if (const auto* farewell = std::get_if<Farewell>(&parsed)) {
    ADD_FAILURE() << farewell->text;
    return {};
  }
  return std::get<Options>(parsed);
}

// One sentence of one line, and the status of wrong usage.
void expect_refused(const std::vector<std::string>& words) {
  const auto parsed = parse(words);
  const auto* farewell = std::get_if<Farewell>(&parsed);
  ASSERT_NE(farewell, nullptr) << words.front();
  EXPECT_EQ(farewell->status, 2) << farewell->text;
  EXPECT_TRUE(farewell->text.starts_with("comet-load: ")) << farewell->text;
  EXPECT_EQ(farewell->text.find('\n'), farewell->text.size() - 1) << farewell->text;
}

TEST(Options, HaveDefaults) {
  const Options options = good({});
  EXPECT_EQ(options.server, Server::kComet);
  EXPECT_EQ(options.front.to_string(), "127.0.0.1:8100");
  EXPECT_EQ(options.admin.to_string(), "127.0.0.1:8000");
  EXPECT_EQ(options.subscribers, 1000u);
  EXPECT_FALSE(options.publishes());
  EXPECT_TRUE(options.channel_prefix.starts_with("load-"));
}

TEST(Options, AreRead) {
  const Options options =
      good({"--server", "nats", "--front", "[::1]:5", "--pid", "7", "--pid", "8", "--channels", "3",
            "--rate", "0.5", "--channel-prefix", "a-_Z", "--json", "out.json", "--quiet"});
  EXPECT_EQ(options.server, Server::kNats);
  EXPECT_EQ(options.front.to_string(), "[::1]:5");
  EXPECT_EQ(options.pids, (std::vector<pid_t>{7, 8}));
  EXPECT_EQ(options.channels, 3u);
  EXPECT_DOUBLE_EQ(options.rate, 0.5);
  EXPECT_EQ(options.channel_prefix, "a-_Z");
  EXPECT_EQ(options.json_path, "out.json");
  EXPECT_TRUE(options.quiet);
  EXPECT_TRUE(options.publishes());
  EXPECT_EQ(options.command.size(), 18u);
}

TEST(Options, BoundsAreChecked) {
  for (const std::string content : {"0", "1", "1048575", "1048576"}) {
    EXPECT_EQ(good({"--content-bytes", content}).content_bytes, std::stoull(content));
  }
  expect_refused({"--content-bytes", "1048577"});
  expect_refused({"--subscribers", "0"});
  expect_refused({"--subscribers", "-1"});
  expect_refused({"--channels", "0"});
  expect_refused({"--closed-loop", "0"});
  expect_refused({"--rate", "-1"});
  expect_refused({"--rate", "many"});
  expect_refused({"--front", "localhost"});
  expect_refused({"--admin", "127.0.0.1:70000"});
  expect_refused({"--transport", "carrier-pigeon"});
  expect_refused({"--server", "apache"});
  expect_refused({"--unheard-of"});
}

TEST(Options, WhatDoesNotGoTogetherIsSaid) {
  expect_refused({"--rate", "1", "--closed-loop", "1"});
  expect_refused({"--channel-prefix", "a b"});
  expect_refused({"--subscribers", "5", "--slow", "6"});
  expect_refused({"--transport", "poll", "--slow", "1"});
  expect_refused({"--transport", "poll", "--background-subscribers", "1"});
  expect_refused({"--server", "nchan", "--transport", "poll"});
  expect_refused({"--server", "nats", "--churn", "1"});
  expect_refused({"--server", "floor", "--channels", "2"});
  expect_refused({"--server", "floor", "--background-subscribers", "2"});
  expect_refused({"--server", "floor", "--publishers", "2"});
  expect_refused({"--background-rate", "2"});
  expect_refused({"--rate", "1", "--duration", "0"});
  good({"--subscribers", "5", "--slow", "5"});
}

TEST(Options, HelpNamesEveryOption) {
  const auto parsed = parse({"--help"});
  const auto* farewell = std::get_if<Farewell>(&parsed);
  ASSERT_NE(farewell, nullptr);
  EXPECT_EQ(farewell->status, 0);
  for (const std::string name : {"--server",
                                 "--front",
                                 "--admin",
                                 "--pid",
                                 "--transport",
                                 "--subscribers",
                                 "--channels",
                                 "--channel-prefix",
                                 "--processes",
                                 "--sources",
                                 "--connect-window",
                                 "--rate",
                                 "--closed-loop",
                                 "--publishers",
                                 "--content-bytes",
                                 "--warmup",
                                 "--duration",
                                 "--idle",
                                 "--churn",
                                 "--slow",
                                 "--background-subscribers",
                                 "--background-rate",
                                 "--json",
                                 "--quiet"}) {
    EXPECT_NE(farewell->text.find(name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace load

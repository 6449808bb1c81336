#include "comet/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

CommandLine parsed(std::vector<std::string> arguments) {
  auto line = parse_command_line(std::move(arguments));
  if (const auto* farewell = std::get_if<Farewell>(&line)) {
    ADD_FAILURE() << farewell->text;
    return {};
  }
  return std::get<CommandLine>(line);
}

Farewell farewell_of(std::vector<std::string> arguments) {
  auto line = parse_command_line(std::move(arguments));
  if (auto* farewell = std::get_if<Farewell>(&line)) return *farewell;
  ADD_FAILURE() << "there is something to do";
  return {};
}

TEST(CommandLine, WithoutArgumentsTheDefaultsAreServed) {
  const CommandLine line = parsed({});
  EXPECT_EQ(line.task, CommandLine::Task::kServe);
  EXPECT_EQ(line.source.path, "");
  EXPECT_TRUE(line.source.overrides.empty());
}

TEST(CommandLine, AFileAndOverridesInTheirOrder) {
  const CommandLine line =
      parsed({"--set", "a=1", "--config", "x.toml", "--set", "b=2,3", "--set=c="});
  EXPECT_EQ(line.source.path, "x.toml");
  EXPECT_THAT(line.source.overrides, ElementsAre("a=1", "b=2,3", "c="));
}

TEST(CommandLine, CheckIsATask) { EXPECT_EQ(parsed({"--check"}).task, CommandLine::Task::kCheck); }

TEST(CommandLine, TheStateIsRestoredUnlessItIsToBeIgnored) {
  EXPECT_EQ(parsed({}).state_use, StateUse::kRestore);
  EXPECT_EQ(parsed({"--ignore-state"}).state_use, StateUse::kPutAside);
}

TEST(CommandLine, TheDoctorIsAskedAboutANumberOrTheUsualOne) {
  EXPECT_EQ(parsed({"--doctor"}).task, CommandLine::Task::kDoctor);
  EXPECT_EQ(parsed({"--doctor"}).doctor.subscribers, DoctorRequest::kDefaultSubscribers);
  EXPECT_EQ(parsed({"--doctor", "7"}).doctor.subscribers, 7u);
  EXPECT_EQ(parsed({"--doctor=7", "--json"}).doctor.format, DoctorRequest::Format::kJson);
  EXPECT_EQ(parsed({"--doctor", "--json"}).doctor.subscribers, DoctorRequest::kDefaultSubscribers);
  EXPECT_EQ(parsed({}).task, CommandLine::Task::kServe);
}

TEST(CommandLine, TheDoctorIsNotAskedAboutNobodyOrWhatIsNoNumber) {
  EXPECT_EQ(parsed({"--doctor", "1"}).doctor.subscribers, 1u);
  EXPECT_EQ(parsed({"--doctor", "1000000000"}).doctor.subscribers, 1'000'000'000u);
  for (const char* wrong : {"0", "1000000001", "-1", "many"}) {
    EXPECT_EQ(farewell_of({"--doctor", wrong}).status, 1) << wrong;
  }
  EXPECT_EQ(farewell_of({"--json"}).status, 1);
}

TEST(CommandLine, AnIcometConfigurationIsImportedFromAFile) {
  const CommandLine line = parsed({"--import-icomet", "icomet.conf"});
  EXPECT_EQ(line.task, CommandLine::Task::kImportIcomet);
  EXPECT_EQ(line.icomet_path, "icomet.conf");
  EXPECT_EQ(farewell_of({"--import-icomet"}).status, 1);
}

TEST(CommandLine, HelpNamesEveryOption) {
  const std::string help = farewell_of({"-h"}).text;
  for (const CommandOption& option : command_options()) {
    EXPECT_THAT(help, HasSubstr(std::string(option.names))) << option.names;
    EXPECT_THAT(help, HasSubstr(std::string(option.argument))) << option.names;
  }
}

TEST(CommandLine, HelpAndVersionAreTextsAndNoMistakes) {
  EXPECT_EQ(farewell_of({"--help"}).status, 0);
  EXPECT_THAT(farewell_of({"--help"}).text, HasSubstr("--config"));
  EXPECT_EQ(farewell_of({"--version"}).status, 0);
  EXPECT_THAT(farewell_of({"--version"}).text, testing::StartsWith("comet-server "));
}

TEST(CommandLine, WhatIsUnknownOrIncompleteIsOneLine) {
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"--nonsense"}, {"--config"}, {"stray"}, {"--set"}}) {
    const Farewell farewell = farewell_of(wrong);
    EXPECT_EQ(farewell.status, 1);
    EXPECT_THAT(farewell.text, testing::MatchesRegex("comet-server: [^\n]+\n"));
  }
}

}  // namespace
}  // namespace comet

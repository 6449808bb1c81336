// The option --import-icomet of the program itself: its output is a file for --config.
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command.h"
#include "tests/support/temp_folder.h"

namespace support {
namespace {

using testing::HasSubstr;

class ImportIcometTest : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& text) {
    const std::string path = folder_.file(name);
    std::ofstream(path) << text;
    return path;
  }

 private:
  TempFolder folder_;
};

TEST_F(ImportIcometTest, WhatItPrintsIsAConfiguration) {
  const std::string icomet =
      file("icomet.conf", "admin:\n\tallow: 127.0.0.1\n\tdeny: all\nfront:\n\tauth: token\n");
  const CommandResult import = run_comet_server("--import-icomet '" + icomet + "'");
  EXPECT_EQ(import.status, 0);
  EXPECT_THAT(import.output, HasSubstr("\nauth = \"token\"\n"));

  const std::string toml = file("comet.toml", import.output);
  const CommandResult check = run_comet_server("--check --config '" + toml + "'");
  EXPECT_EQ(check.status, 0);
  EXPECT_EQ(check.output, "");
  EXPECT_THAT(run_comet_server("--print-config --config '" + toml + "'").output,
              HasSubstr("auth = \"token\"  # " + toml));
}

TEST_F(ImportIcometTest, AMistakeIsOneLineAndStatusOne) {
  const std::string icomet = file("icomet.conf", "front:\n\tauth: token\n\tmax_channels: many\n");
  const CommandResult import = run_comet_server("--import-icomet '" + icomet + "'");
  EXPECT_EQ(import.status, 1);
  EXPECT_EQ(import.output, "comet-server: " + icomet +
                               ":3: front.max_channels must be a whole number, not \"many\"\n");
}

TEST_F(ImportIcometTest, AFileThatIsNotThereIsSaidToBe) {
  const CommandResult import = run_comet_server("--import-icomet /nowhere/icomet.conf");
  EXPECT_EQ(import.status, 1);
  EXPECT_EQ(import.output, "comet-server: /nowhere/icomet.conf: No such file or directory\n");
}

}  // namespace
}  // namespace support

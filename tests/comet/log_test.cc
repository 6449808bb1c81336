#include "comet/log.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

namespace comet {
namespace {

// Gives the other tests of the program their logger back, and has a folder of its own: ctest runs
// several tests at once.
class LogTest : public testing::Test {
 protected:
  LogTest() {
    std::string name = testing::TempDir() + "comet-log-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    path_ = (folder_ / "comet.log").string();
  }
  ~LogTest() override {
    spdlog::set_default_logger(before_);
    std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] std::string content() const {
    std::ifstream in(path_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(LogTest, ALineIsWrittenAtOnceWithTimeAndLevel) {
  ASSERT_FALSE(set_up_log({"info", path_}));
  spdlog::info("hello {}", 1);
  EXPECT_THAT(content(), testing::MatchesRegex("....-..-..T..:..:..\\....Z info hello 1\n"));
}

TEST_F(LogTest, LinesBelowTheLevelAreLeftOut) {
  ASSERT_FALSE(set_up_log({"fatal", path_}));
  spdlog::error("left out");
  spdlog::critical("kept");
  EXPECT_THAT(content(), testing::HasSubstr("kept"));
  EXPECT_THAT(content(), testing::Not(testing::HasSubstr("left out")));
  ASSERT_FALSE(set_up_log({"off", path_}));
  spdlog::critical("nothing");
  EXPECT_THAT(content(), testing::Not(testing::HasSubstr("nothing")));
}

TEST_F(LogTest, AnOutputThatCannotBeWrittenIsOneSentence) {
  const auto error = set_up_log({"info", "/proc/nowhere/comet.log"});
  ASSERT_TRUE(error.has_value());
  EXPECT_THAT(error->message, testing::HasSubstr("/proc/nowhere"));
  EXPECT_THAT(error->message, testing::Not(testing::HasSubstr("\n")));
}

}  // namespace
}  // namespace comet

#include "comet/log.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "tests/support/file_bytes.h"
#include "tests/support/temp_folder.h"

namespace comet {
namespace {

// Gives the other tests of the program their logger back, and has a folder of its own: ctest runs
// several tests at once.
class LogTest : public testing::Test {
 protected:
  ~LogTest() override { spdlog::set_default_logger(before_); }

  [[nodiscard]] std::string content() const { return support::file_bytes(path_); }

  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  support::TempFolder folder_;
  std::string path_ = folder_.file("comet.log");
};

TEST_F(LogTest, ALineIsWrittenAtOnceWithTimeAndLevel) {
  ASSERT_TRUE(Log::open({"info", path_}).ok());
  spdlog::info("hello {}", 1);
  EXPECT_THAT(content(), testing::MatchesRegex("....-..-..T..:..:..\\....Z info hello 1\n"));
}

TEST_F(LogTest, LinesBelowTheLevelAreLeftOut) {
  auto log = Log::open({"fatal", path_});
  ASSERT_TRUE(log.ok());
  spdlog::error("left out");
  spdlog::critical("kept");
  EXPECT_THAT(content(), testing::HasSubstr("kept"));
  EXPECT_THAT(content(), testing::Not(testing::HasSubstr("left out")));
  ASSERT_FALSE(log->reconfigure({"off", path_}));
  spdlog::critical("nothing");
  EXPECT_THAT(content(), testing::Not(testing::HasSubstr("nothing")));
}

TEST_F(LogTest, TheFormatChangesUnderWay) {
  auto log = Log::open({"info", path_, "text"});
  ASSERT_TRUE(log.ok());
  ASSERT_FALSE(log->reconfigure({"info", path_, "json"}));
  spdlog::info("hello");
  EXPECT_THAT(content(), testing::EndsWith("\"level\":\"info\",\"message\":\"hello\"}\n"));
}

TEST_F(LogTest, AnOutputThatCannotBeWrittenIsOneSentence) {
  const auto log = Log::open({"info", "/proc/nowhere/comet.log"});
  ASSERT_FALSE(log.ok());
  EXPECT_THAT(log.error(), testing::HasSubstr("/proc/nowhere"));
  EXPECT_THAT(log.error(), testing::Not(testing::HasSubstr("\n")));
}

TEST_F(LogTest, AfterARefusedOutputTheFormerOneGoesOn) {
  auto log = Log::open({"info", path_});
  ASSERT_TRUE(log.ok());
  EXPECT_TRUE(log->reconfigure({"fatal", "/proc/nowhere/comet.log"}));
  spdlog::info("still here");
  EXPECT_THAT(content(), testing::HasSubstr("still here"));
}

TEST_F(LogTest, AFileThatWasRenamedIsLeftBehindByReopening) {
  auto log = Log::open({"info", path_});
  ASSERT_TRUE(log.ok());
  spdlog::info("first");
  std::filesystem::rename(path_, path_ + ".1");
  spdlog::info("second");
  ASSERT_FALSE(log->reopen());
  spdlog::info("third");
  EXPECT_THAT(content(), testing::AllOf(testing::HasSubstr("third"),
                                        testing::Not(testing::HasSubstr("second"))));
  std::filesystem::rename(path_ + ".1", path_);
  EXPECT_THAT(content(), testing::AllOf(testing::HasSubstr("first"), testing::HasSubstr("second")));
}

// Under the thread sanitizer this is a test of what may run at the same time.
TEST_F(LogTest, OthersGoOnLoggingWhileItChanges) {
  auto log = Log::open({"info", path_});
  ASSERT_TRUE(log.ok());
  constexpr int kLines = 200;
  std::thread other([] {
    for (int i = 0; i < kLines; ++i) spdlog::error("line");
  });
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(log->reconfigure({i % 2 == 0 ? "error" : "info", path_}));
    EXPECT_FALSE(log->reopen());
  }
  other.join();
  const std::string lines = content();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), kLines);
}

}  // namespace
}  // namespace comet

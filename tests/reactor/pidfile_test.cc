#include "reactor/pidfile.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/file_bytes.h"
#include "tests/support/temp_folder.h"

namespace reactor {
namespace {

class PidfileTest : public testing::Test {
 protected:
  [[nodiscard]] std::string content() const { return support::file_bytes(path_); }

  support::TempFolder folder_;
  std::string path_ = folder_.file("server.pid");
};

TEST_F(PidfileTest, HoldsTheProcessNumberAndANewlineWhileItLives) {
  {
    const auto pidfile = Pidfile::create(path_);
    ASSERT_TRUE(pidfile.ok()) << pidfile.error();
    EXPECT_EQ(content(), std::to_string(::getpid()) + "\n");
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(PidfileTest, AnEmptyPathMeansNoFile) { EXPECT_TRUE(Pidfile::create("").ok()); }

TEST_F(PidfileTest, ALeftOverFileIsOverwritten) {
  std::ofstream(path_) << "123456789012\n";
  const auto pidfile = Pidfile::create(path_);
  ASSERT_TRUE(pidfile.ok());
  EXPECT_EQ(content(), std::to_string(::getpid()) + "\n");
}

TEST_F(PidfileTest, ASecondServerIsRefusedAndLeavesTheFileAlone) {
  const auto first = Pidfile::create(path_);
  ASSERT_TRUE(first.ok());
  const auto second = Pidfile::create(path_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error(), "pidfile " + path_ + ": its server is still running");
  EXPECT_EQ(content(), std::to_string(::getpid()) + "\n");
}

TEST_F(PidfileTest, AMovedFromOneRemovesNothing) {
  auto pidfile = Pidfile::create(path_);
  ASSERT_TRUE(pidfile.ok());
  std::optional<Pidfile> kept(std::move(*pidfile));
  EXPECT_TRUE(std::filesystem::exists(path_));
  kept.reset();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(PidfileTest, AMissingFolderIsOneSentence) {
  const auto pidfile = Pidfile::create(folder_.file("nowhere/x.pid"));
  ASSERT_FALSE(pidfile.ok());
  EXPECT_NE(pidfile.error().find("nowhere/x.pid: No such file or directory"), std::string::npos);
}

}  // namespace
}  // namespace reactor

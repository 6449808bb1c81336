#include "reactor/pidfile.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace reactor {
namespace {

class PidfileTest : public testing::Test {
 protected:
  PidfileTest() {
    std::string name = testing::TempDir() + "comet-pidfile-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    path_ = (folder_ / "server.pid").string();
  }
  ~PidfileTest() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string content() const {
    std::ostringstream out;
    out << std::ifstream(path_).rdbuf();
    return out.str();
  }

  std::filesystem::path folder_;
  std::string path_;
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
  const auto pidfile = Pidfile::create((folder_ / "nowhere" / "x.pid").string());
  ASSERT_FALSE(pidfile.ok());
  EXPECT_NE(pidfile.error().find("nowhere/x.pid: No such file or directory"), std::string::npos);
}

}  // namespace
}  // namespace reactor

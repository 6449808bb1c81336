// Files that are replaced as a whole, or not at all.
#include "reactor/durable_file.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/file_bytes.h"
#include "tests/support/temp_folder.h"

namespace reactor {
namespace {

class DurableFileTest : public testing::Test {
 protected:
  void write(std::string_view bytes) {
    auto file = DurableFile::create(path_);
    ASSERT_TRUE(file.ok()) << file.error();
    ASSERT_FALSE(file->append(bytes).has_value());
    ASSERT_FALSE(file->commit().has_value());
  }
  [[nodiscard]] std::string content() const { return support::file_bytes(path_); }
  [[nodiscard]] int files() const {
    int count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      ++count;
    return count;
  }

  support::TempFolder folder_;
  std::string path_ = folder_.file("file");
};

TEST_F(DurableFileTest, HoldsWhatWasWritten) {
  write("hello");
  EXPECT_EQ(content(), "hello");
  EXPECT_EQ(files(), 1);
}

TEST_F(DurableFileTest, IsForItsOwnerOnly) {
  write("secret");
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(DurableFileTest, TheOldOneStaysUntilTheNewOneIsWhole) {
  write("old");
  {
    auto file = DurableFile::create(path_);
    ASSERT_TRUE(file.ok()) << file.error();
    EXPECT_FALSE(file->append("new").has_value());
    EXPECT_FALSE(file->sync().has_value());
    EXPECT_EQ(content(), "old");
  }
  EXPECT_EQ(content(), "old");
  EXPECT_EQ(files(), 1) << "what was not committed is removed";
  write("new");
  EXPECT_EQ(content(), "new");
}

TEST_F(DurableFileTest, WhatACrashLeftBesideItIsWrittenAnew) {
  std::ofstream(path_ + ".new") << "much longer than what follows";
  write("short");
  EXPECT_EQ(content(), "short");
}

TEST_F(DurableFileTest, AFolderThatDoesNotExistIsAnErrorOfOneSentence) {
  const auto file = DurableFile::create("/nonexistent/file");
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error(),
            "cannot be written beside as /nonexistent/file.new: No such file or directory");
}

// A limit on the size of files stands for a disk that is full.
TEST_F(DurableFileTest, ADiskThatIsFullLeavesTheOldOne) {
  write("old");
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 1000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  {
    auto file = DurableFile::create(path_);
    ASSERT_TRUE(file.ok()) << file.error();
    const auto error = file->append(std::string(2000, 'x'));
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->message, "cannot be written: File too large");
  }
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(content(), "old");
  EXPECT_EQ(files(), 1);
}

TEST_F(DurableFileTest, ANameThatIsAFolderCannotBeReplaced) {
  std::filesystem::create_directory(path_);
  std::ofstream(path_ + "/inside") << "x";
  auto file = DurableFile::create(path_);
  ASSERT_TRUE(file.ok()) << file.error();
  const auto error = file->commit();
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->message, "cannot be replaced: Is a directory");
}

TEST_F(DurableFileTest, RenamingReplacesNothing) {
  write("bad");
  EXPECT_FALSE(rename_durably(path_, path_ + ".aside").has_value());
  EXPECT_EQ(content(), "nothing");
  write("bad again");
  const auto error = rename_durably(path_, path_ + ".aside");
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->message, "cannot be renamed to " + path_ + ".aside: File exists");
  EXPECT_EQ(content(), "bad again");
}

}  // namespace
}  // namespace reactor

// A state's files in the file system: read in pieces, replaced as a whole, locked.
#include "comet/file_disk.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/file_bytes.h"
#include "tests/support/temp_folder.h"

namespace comet {
namespace {

using support::file_bytes;

class FileDiskTest : public testing::Test {
 protected:
  void write(const std::string& bytes) {
    auto file = disk_->replace(path_);
    ASSERT_TRUE(file.ok()) << file.error();
    ASSERT_FALSE((*file)->append(bytes).has_value());
    ASSERT_FALSE((*file)->sync().has_value());
    ASSERT_FALSE((*file)->commit().has_value());
  }
  std::string content(const std::string& path) {
    std::string bytes;
    const auto found = disk_->read(path, [&bytes](std::string_view piece) {
      bytes += piece;
      return std::optional<reactor::Error>();
    });
    if (!found) return found.error();
    return *found == StateDisk::Found::kNothing ? "nothing" : bytes;
  }

  support::TempFolder folder_;
  std::string path_ = folder_.file("state");
  std::unique_ptr<FileDisk> disk_ = std::move(*FileDisk::lock(folder_.file("lock")));
};

TEST_F(FileDiskTest, AWholeFileIsReadOrMissingOrAnError) {
  EXPECT_EQ(content(path_), "nothing");
  const std::string large(3'000'000, 'x');
  write(large);
  EXPECT_EQ(content(path_), large);
  EXPECT_EQ(content(folder_.path().string()), "cannot be read: Is a directory");
}

TEST_F(FileDiskTest, AComplaintEndsTheReading) {
  write(std::string(3'000'000, 'x'));
  int pieces = 0;
  const auto found = disk_->read(path_, [&pieces](std::string_view) {
    ++pieces;
    return std::optional(reactor::Error{"is no good"});
  });
  EXPECT_EQ(found.error(), "is no good");
  EXPECT_EQ(pieces, 1);
}

TEST_F(FileDiskTest, WhatIsNotCommittedLeavesTheOldFile) {
  write("old");
  auto file = disk_->replace(path_);
  ASSERT_TRUE(file.ok());
  ASSERT_FALSE((*file)->append("new").has_value());
  EXPECT_EQ(content(path_), "old");
  ASSERT_FALSE((*file)->commit().has_value());
  EXPECT_EQ(content(path_), "new");
}

TEST_F(FileDiskTest, RenamingWhatIsNotThereIsNothing) {
  EXPECT_FALSE(disk_->rename(path_, path_ + ".aside").has_value());
  write("kept");
  EXPECT_FALSE(disk_->rename(path_, path_ + ".aside").has_value());
  EXPECT_EQ(content(path_), "nothing");
  EXPECT_EQ(file_bytes(path_ + ".aside"), "kept");
  write("another");
  EXPECT_TRUE(disk_->rename(path_, path_ + ".aside").has_value()) << "nothing is replaced";
}

TEST_F(FileDiskTest, OneAtATimeHoldsTheLock) {
  EXPECT_FALSE(FileDisk::lock(folder_.file("lock")).ok());
  disk_.reset();
  EXPECT_TRUE(FileDisk::lock(folder_.file("lock")).ok());
}

}  // namespace
}  // namespace comet

// Reading a file from its beginning to its end.
#include "reactor/input_file.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace reactor {
namespace {

TEST(InputFile, IsReadInPieces) {
  const std::string path = testing::TempDir() + "comet-input-" + std::to_string(::getpid());
  std::ofstream(path) << "hello";
  auto file = InputFile::open(path);
  ASSERT_TRUE(file.ok()) << file.error();
  ASSERT_TRUE(file->has_value());
  char bytes[3];
  EXPECT_EQ((*file)->read(bytes, 3).value(), 3u);
  EXPECT_EQ(std::string(bytes, 3), "hel");
  EXPECT_EQ((*file)->read(bytes, 3).value(), 2u);
  EXPECT_EQ((*file)->read(bytes, 3).value(), 0u);
  std::remove(path.c_str());
}

TEST(InputFile, NoFileIsNothing) {
  const auto file = InputFile::open("/nonexistent/file");
  ASSERT_TRUE(file.ok()) << file.error();
  EXPECT_FALSE(file->has_value());
}

TEST(InputFile, WhatCannotBeReadIsAnErrorOfOneSentence) {
  auto folder = InputFile::open("/");
  ASSERT_TRUE(folder.ok());
  char bytes[3];
  EXPECT_EQ((*folder)->read(bytes, 3).error(), "cannot be read: Is a directory");
  const auto file = InputFile::open("/dev/null/file");
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error(), "cannot be read: Not a directory");
}

}  // namespace
}  // namespace reactor

#include "comet/text_file.h"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace comet {
namespace {

TEST(TextFile, AllBytesAreRead) {
  const support::TempFolder folder;
  const std::string path = folder.file("a");
  const std::string bytes("a\r\n\0b", 5);
  std::ofstream(path, std::ios::binary) << bytes;
  const auto text = read_text_file(path);
  ASSERT_TRUE(text.ok()) << text.error();
  EXPECT_EQ(*text, bytes);
}

TEST(TextFile, WhatCannotBeReadIsNamedWithTheReason) {
  const support::TempFolder folder;
  EXPECT_EQ(read_text_file(folder.file("b")).error(),
            folder.file("b") + ": No such file or directory");
  EXPECT_EQ(read_text_file(folder.path().string()).error(),
            folder.path().string() + ": is a folder");
}

}  // namespace
}  // namespace comet

// A folder that is gone when the test is over.
#pragma once

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

#include <gtest/gtest.h>
#include <stdlib.h>

namespace support {

class TempFolder {
 public:
  TempFolder() : TempFolder(testing::TempDir()) {}
  // `place` ends with a slash.
  explicit TempFolder(std::string place) {
    place += "comet-XXXXXX";
    if (::mkdtemp(place.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), place);
    }
    path_ = place;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // The path of a file in it.
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace support

#include "comet/text_file.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace comet {

reactor::Result<std::string> read_text_file(const std::string& path) {
  // A folder opens well and throws at the first read.
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return reactor::Error{path + ": is a folder"};
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return reactor::Error{path + ": " + std::generic_category().message(errno)};
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

}  // namespace comet

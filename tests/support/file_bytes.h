// What a file holds, or "nothing" where there is none.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

namespace support {

inline std::string file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return "nothing";
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace support

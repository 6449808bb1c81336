// What every fuzz target is: one function that is given any bytes and fails a CHECK when something
// is wrong with what the product makes of them.
//
// libFuzzer calls it with what it invents (`make fuzz`), replay.cc with the files of corpus/, which
// is a test of every build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "reactor/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Takes the first line off; without its newline.
inline std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

// An error that an operator reads is one sentence, whatever the file contains.
inline void check_is_one_line(std::string_view error) {
  CHECK(!error.empty());
  CHECK(error.find('\n') == std::string_view::npos);
}

}  // namespace fuzz

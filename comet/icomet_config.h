// Reads the configuration format of iComet: `key: value` or `key = value` a line, below a key what
// is indented by one tab more, and comments behind #.
//
// A pure function.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "reactor/result.h"

namespace comet {

struct IcometEntry {
  std::string key;  // with those that it stands below: "logger.rotate.size"
  std::string value;
  std::size_t line = 0;
};

// All lines that are no comments, in their order; a key may come several times. Neither key nor
// value has control characters, but for tabs, and both are UTF-8. An error is one sentence that
// begins with file and line.
reactor::Result<std::vector<IcometEntry>> parse_icomet_config(std::string_view text,
                                                              std::string_view file_name);

}  // namespace comet

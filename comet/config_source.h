// Where a configuration comes from: read at the start, and again at every reload.
//
// A value; main's thread only, since it reads a file.
#pragma once

#include <string>
#include <vector>

#include "comet/config.h"
#include "reactor/result.h"

namespace comet {

struct ConfigSource {
  std::string path;                    // of the file; empty: the defaults
  std::vector<std::string> overrides;  // of the command line, "key=value"

  [[nodiscard]] reactor::Result<Config> read() const;
};

}  // namespace comet

// Where a configuration comes from: read at the start, and again at every reload.
//
// A value; main's thread only, since it reads a file. The defaults, then the file, then the
// environment, then the command line: what comes later wins.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "comet/loaded_config.h"
#include "reactor/result.h"

namespace comet {

struct ConfigSource {
  std::string path;                      // of the file; empty: none
  std::vector<std::string> environment;  // "NAME=VALUE"
  std::vector<std::string> overrides;    // "key=value"; the last of a repeated key counts

  // A mistake is one sentence; those in the file begin with its name, line and column.
  [[nodiscard]] reactor::Result<LoadedConfig> read() const;
  // The same with the file's text at hand.
  [[nodiscard]] reactor::Result<LoadedConfig> load(std::string_view file_text) const;
};

}  // namespace comet

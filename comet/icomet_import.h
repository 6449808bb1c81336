// `--import-icomet`: what the configuration of an iComet server is here, as TOML.
//
// A pure function.
#pragma once

#include <string>
#include <string_view>

#include "reactor/result.h"

namespace comet {

// The text is a configuration that loads. It has the operator's values, and comments for what is
// different here or has no equivalent. An error is one sentence that begins with file and line.
reactor::Result<std::string> import_icomet(std::string_view text, std::string_view file_name);

}  // namespace comet

// The text of a file that an operator named.
//
// Blocks; main's thread only.
#pragma once

#include <string>

#include "reactor/result.h"

namespace comet {

// An error is one sentence that begins with the path.
reactor::Result<std::string> read_text_file(const std::string& path);

}  // namespace comet

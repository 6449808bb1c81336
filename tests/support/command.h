// Runs the program for what it prints, to its end.
#pragma once

#include <string>

namespace support {

struct CommandResult {
  int status = 0;      // of the exit
  std::string output;  // standard output and error
};

// `arguments` as a shell has them.
CommandResult run_comet_server(const std::string& arguments);

}  // namespace support

#include "tests/support/command.h"

#include <stdio.h>
#include <sys/wait.h>

#include <array>

#include "tests/support/http_client.h"

namespace support {

CommandResult run_comet_server(const std::string& arguments) {
  const std::string command = "'" COMET_SERVER_BINARY "' " + arguments + " 2>&1";
  FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw ClientError("no pipe");
  CommandResult result;
  std::array<char, 4096> buffer;
  while (const std::size_t count = ::fread(buffer.data(), 1, buffer.size(), pipe)) {
    result.output.append(buffer.data(), count);
  }
  const int ended = ::pclose(pipe);
  result.status = WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
  return result;
}

}  // namespace support

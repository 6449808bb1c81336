// The program itself as a process of its own, for tests that kill it.
//
// Owned by a test. It listens on free ports of loopback, and dies with the test's process.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/http_client.h"

namespace support {

class ServerProcess {
 public:
  // `settings` as --set takes them; `descriptors`, if not 0, are all that it may have open;
  // `prepare` runs in the child, before the program takes its place. Returns when the server says
  // that it listens; throws ClientError with what it printed when it ends instead.
  explicit ServerProcess(const std::vector<std::string>& settings,
                         const std::vector<std::string>& flags = {}, std::size_t descriptors = 0,
                         const std::function<void()>& prepare = {});
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  [[nodiscard]] std::uint16_t front_port() const { return front_port_; }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_port_; }

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  // Waits for its end; what waitpid(2) tells.
  int wait();

 private:
  std::string read_line();

  pid_t pid_ = -1;
  int output_ = -1;
  std::uint16_t front_port_ = 0;
  std::uint16_t admin_port_ = 0;
};

}  // namespace support

// Listening on a Unix socket (unix(7)): a name in the file system that clients connect to.
//
// Stateless functions, and the owner of such a name. Who may connect is a matter of the file's mode
// and of its folders'. Main or the Server calls these, before any core starts and after all ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reactor/fd.h"
#include "reactor/result.h"

namespace reactor {

// The file of a bound Unix socket. Removes it when destroyed, unless the name has come to mean
// another file: never that of a successor.
class SocketFile {
 public:
  SocketFile(SocketFile&& other) noexcept;
  SocketFile& operator=(SocketFile&&) = delete;
  ~SocketFile();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  friend Result<struct UnixListener> listen_on_unix(const std::string& path, std::uint32_t mode);
  SocketFile(std::string path, std::uint64_t device, std::uint64_t inode)
      : path_(std::move(path)), device_(device), inode_(inode) {}

  std::string path_;  // empty: moved from
  std::uint64_t device_;
  std::uint64_t inode_;
};

struct UnixListener {
  Fd fd;
  SocketFile file;
};

// Binds and listens. What a server that died left behind is replaced; a socket on which somebody
// listens, or a file that is no socket, is an error and stays. Nobody can connect before the file
// has its mode.
Result<UnixListener> listen_on_unix(const std::string& path, std::uint32_t mode);

// What is wrong with a path as the address of a socket, if anything is: a sentence's end.
std::optional<std::string> unix_path_complaint(std::string_view path);

}  // namespace reactor

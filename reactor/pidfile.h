// The file that tells an operator's scripts the number of the running process.
//
// Owned by main. The file stays locked while the process lives, so a second server with the same
// file is refused, and a file left over from a crash is not in the way.
#pragma once

#include <string>

#include "reactor/fd.h"
#include "reactor/result.h"

namespace reactor {

class Pidfile {
 public:
  // Writes this process's number and a newline into `path`; an empty path means no file.
  static Result<Pidfile> create(const std::string& path);

  Pidfile(Pidfile&&) = default;
  Pidfile& operator=(Pidfile&&) = delete;
  ~Pidfile();  // removes the file

 private:
  Pidfile(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  Fd fd_;  // holds the lock; none: nothing to remove
};

}  // namespace reactor

#include "reactor/pidfile.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace reactor {
namespace {

Error cannot_write(const std::string& path, int error) {
  return Error{"pidfile " + path + ": " + std::generic_category().message(error)};
}

// Does `path` still name the open file? Another server may have removed it between our open(2)
// and our flock(2); a lock on a file without a name protects nothing.
bool still_named(const std::string& path, const Fd& fd) {
  struct stat open_file {};
  struct stat named_file {};
  return ::fstat(fd.get(), &open_file) == 0 && ::stat(path.c_str(), &named_file) == 0 &&
         open_file.st_dev == named_file.st_dev && open_file.st_ino == named_file.st_ino;
}

}  // namespace

Result<Pidfile> Pidfile::create(const std::string& path) {
  if (path.empty()) return Pidfile(path, Fd{});
  Fd fd;
  do {
    fd = Fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!fd) return cannot_write(path, errno);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return Error{"pidfile " + path + ": its server is still running"};
      return cannot_write(path, errno);
    }
  } while (!still_named(path, fd));

  const std::string text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd.get(), 0) != 0) return cannot_write(path, errno);
  const auto written = ::write(fd.get(), text.data(), text.size());
  if (written < 0) return cannot_write(path, errno);
  if (static_cast<std::size_t>(written) != text.size()) return cannot_write(path, ENOSPC);
  return Pidfile(path, std::move(fd));
}

// Removes the name before the lock goes with the descriptor: never the file of a successor.
Pidfile::~Pidfile() {
  if (fd_) ::unlink(path_.c_str());
}

}  // namespace reactor

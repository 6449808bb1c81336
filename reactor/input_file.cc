#include "reactor/input_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace reactor {
namespace {

Error cannot_read() { return Error{"cannot be read: " + std::generic_category().message(errno)}; }

}  // namespace

Result<std::optional<InputFile>> InputFile::open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd) return std::optional<InputFile>(InputFile(std::move(fd)));
  if (errno == ENOENT) return std::optional<InputFile>{};
  return cannot_read();
}

Result<std::size_t> InputFile::read(char* bytes, std::size_t size) {
  for (;;) {
    const ssize_t got = ::read(fd_.get(), bytes, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return cannot_read();
  }
}

}  // namespace reactor

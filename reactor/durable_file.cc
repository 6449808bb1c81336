#include "reactor/durable_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace reactor {
namespace {

Error failure(std::string_view what) {
  return Error{std::string(what) + ": " + std::generic_category().message(errno)};
}

// A new name is on the disk only when its folder is, too (fsync(2)).
std::optional<Error> sync_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "." : path.substr(0, slash);
  if (folder.empty()) folder = "/";
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return failure("its folder cannot be synchronised");
  return std::nullopt;
}

}  // namespace

Result<DurableFile> DurableFile::create(const std::string& path) {
  std::string beside = path + ".new";
  // One that a crash left over is written anew.
  Fd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return failure("cannot be written beside as " + beside);
  return DurableFile(path, std::move(beside), std::move(fd));
}

DurableFile::~DurableFile() {
  if (fd_) ::unlink(beside_.c_str());
}

std::optional<Error> DurableFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return failure("cannot be written");
    }
    bytes_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return std::nullopt;
}

std::optional<Error> DurableFile::sync() {
  if (::fdatasync(fd_.get()) != 0) return failure("cannot be synchronised");
  return std::nullopt;
}

std::optional<Error> DurableFile::commit() {
  if (::fsync(fd_.get()) != 0) return failure("cannot be synchronised");
  if (::rename(beside_.c_str(), path_.c_str()) != 0) return failure("cannot be replaced");
  fd_.reset();
  return sync_folder_of(path_);
}

std::optional<Error> rename_durably(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
    return failure("cannot be renamed to " + to);
  }
  return sync_folder_of(to);
}

}  // namespace reactor

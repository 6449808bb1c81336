#include "reactor/unix_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace reactor {
namespace {

constexpr int kListenBacklog = 65535;  // listen(2) cuts it to net.core.somaxconn.
constexpr std::size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;  // without its NUL

Error cannot_listen(const std::string& path, std::string_view why) {
  return Error{"cannot listen on unix:" + path + ": " + std::string(why)};
}

Error cannot_listen(const std::string& path, int error) {
  return cannot_listen(path, std::generic_category().message(error));
}

// Two servers that start at once must not both take the other's fresh socket for a stale one; and
// a socket that is bound but does not listen yet looks stale. So the folder is locked (flock(2))
// while a socket in it comes or goes. Empty when that is not to be had: then it goes without.
Fd lock_folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::flock(fd.get(), LOCK_EX) != 0) return Fd();
  return fd;
}

sockaddr_un to_sockaddr(const std::string& path) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, path.data(), path.size());
  return to;
}

Fd stream_socket() { return Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

// Makes room for the name: removes a socket on which nobody listens.
std::optional<Error> remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat named_file {};
  if (::lstat(path.c_str(), &named_file) != 0) {
    if (errno == ENOENT) return std::nullopt;
    return cannot_listen(path, errno);
  }
  if (!S_ISSOCK(named_file.st_mode)) {
    return cannot_listen(path, "there is a file of that name that is not a socket");
  }
  const Fd probe = stream_socket();
  if (!probe) return cannot_listen(path, errno);
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno == EAGAIN) {  // its backlog is full
    return cannot_listen(path, "somebody listens there already");
  }
  if (errno != ECONNREFUSED) return cannot_listen(path, errno);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return cannot_listen(path, errno);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> unix_path_complaint(std::string_view path) {
  if (path.empty() || path.front() != '/') return "the path of a socket begins with /";
  if (path.size() > kPathBytesMax) {
    return "the path of a socket has at most " + std::to_string(kPathBytesMax) + " bytes";
  }
  if (path.find('\0') != std::string_view::npos) return "a path must not contain a zero byte";
  return std::nullopt;
}

Result<UnixListener> listen_on_unix(const std::string& path, std::uint32_t mode) {
  if (const auto complaint = unix_path_complaint(path)) return cannot_listen(path, *complaint);
  const sockaddr_un address = to_sockaddr(path);
  const Fd folder_lock = lock_folder_of(path);
  if (auto error = remove_stale(path, address)) return *error;

  Fd fd = stream_socket();
  if (!fd) return cannot_listen(path, errno);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return cannot_listen(path, errno);
  }
  struct stat bound_file {};
  if (::lstat(path.c_str(), &bound_file) != 0) return cannot_listen(path, errno);
  SocketFile file(path, bound_file.st_dev, bound_file.st_ino);
  // bind(2) gave it what umask(2) left, which may be more than wanted or less. Until listen(2) a
  // connect(2) is refused whatever the mode says, so nobody slips in between.
  if (::chmod(path.c_str(), mode) != 0) return cannot_listen(path, errno);
  if (::listen(fd.get(), kListenBacklog) != 0) return cannot_listen(path, errno);
  return UnixListener{std::move(fd), std::move(file)};
}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}

SocketFile::~SocketFile() {
  if (path_.empty()) return;
  const Fd folder_lock = lock_folder_of(path_);
  struct stat named_file {};
  if (::lstat(path_.c_str(), &named_file) != 0) return;
  if (named_file.st_dev == device_ && named_file.st_ino == inode_) ::unlink(path_.c_str());
}

}  // namespace reactor

#include "reactor/inherited_sockets.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include "reactor/environment.h"

namespace reactor {
namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START
constexpr int kCountMax = 64;

int option(int fd, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

Error cannot_use(const std::string& name, std::string_view why) {
  return Error{"the inherited socket \"" + name + "\" " + std::string(why)};
}

// Where it is bound; and what accepted connections are to inherit.
Result<InheritedSocket> adopt(std::string name, Fd fd) {
  if (option(fd.get(), SO_TYPE) != SOCK_STREAM || option(fd.get(), SO_ACCEPTCONN) != 1) {
    return cannot_use(name, "is not a stream socket that listens");
  }
  // Without O_NONBLOCK, accept(2) would hold up a core when another was faster.
  const int flags = ::fcntl(fd.get(), F_GETFL);
  if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) != 0 ||
      ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0) {
    return cannot_use(name, "cannot be made non-blocking");
  }
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return cannot_use(name, "is bound nowhere");
  }
  InheritedSocket socket{std::move(name), std::move(fd), std::nullopt, {}};
  if (bound.ss_family == AF_UNIX) {
    sockaddr_un address{};
    std::memcpy(&address, &bound, sizeof address);
    const std::size_t path_size = size - offsetof(sockaddr_un, sun_path);
    socket.path.assign(address.sun_path, ::strnlen(address.sun_path, path_size));
    return socket;
  }
  if (bound.ss_family != AF_INET && bound.ss_family != AF_INET6) {
    return cannot_use(socket.name, "is neither of TCP nor a Unix socket");
  }
  const int on = 1;
  ::setsockopt(socket.fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  socket.endpoint = Endpoint::from_sockaddr(bound);
  return socket;
}

}  // namespace

Result<std::vector<InheritedSocket>> adopt_sockets(int first, int count, std::string_view names) {
  std::vector<Fd> fds;  // owned before anything can fail
  for (int i = 0; i < count; ++i) fds.emplace_back(first + i);
  std::vector<InheritedSocket> sockets;
  for (Fd& fd : fds) {
    const std::size_t colon = std::min(names.find(':'), names.size());
    std::string name(names.substr(0, colon));
    names.remove_prefix(std::min(colon + 1, names.size()));
    auto socket = adopt(std::move(name), std::move(fd));
    if (!socket) return Error{socket.error()};
    sockets.push_back(std::move(*socket));
  }
  return sockets;
}

Result<std::vector<InheritedSocket>> take_inherited_sockets() {
  const std::string pid = take_variable("LISTEN_PID");
  const std::string count_text = take_variable("LISTEN_FDS");
  const std::string names = take_variable("LISTEN_FDNAMES");
  if (parse_number(pid) != ::getpid()) return std::vector<InheritedSocket>{};
  const std::optional<std::int64_t> count = parse_number(count_text);
  if (!count || *count < 0 || *count > kCountMax)
    return Error{"LISTEN_FDS=" + count_text + " is not a number of sockets"};
  return adopt_sockets(kFirst, static_cast<int>(*count), names);
}

}  // namespace reactor

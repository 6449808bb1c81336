#include "reactor/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "reactor/check.h"

namespace reactor {
namespace {

constexpr int kListenBacklog = 65535;  // listen(2) cuts it to net.core.somaxconn.

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress to_sockaddr(const Endpoint& endpoint) {
  SocketAddress to;
  if (endpoint.address.is_v4) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    std::memcpy(&in.sin_addr, endpoint.address.bytes.data(), 4);
    std::memcpy(&to.storage, &in, sizeof in);
    to.size = sizeof in;
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(endpoint.port);
    std::memcpy(in.sin6_addr.s6_addr, endpoint.address.bytes.data(), 16);
    std::memcpy(&to.storage, &in, sizeof in);
    to.size = sizeof in;
  }
  return to;
}

bool enable(int fd, int level, int option) {
  const int on = 1;
  return setsockopt(fd, level, option, &on, sizeof on) == 0;
}

Error cannot_listen(const Endpoint& endpoint) {
  const std::string where = "cannot listen on " + endpoint.to_string() + ": ";
  if (errno == EADDRINUSE) return Error{where + "the port is in use"};
  if (errno == EADDRNOTAVAIL) return Error{where + "this machine does not have the address"};
  return Error{where + std::strerror(errno)};
}

// What the kernel says when a peer has not answered for too long: a router may have said why
// (tcp(7)). An established connection does not end by a router's word alone.
bool is_timeout(int error) {
  return error == ETIMEDOUT || error == EHOSTUNREACH || error == ENETUNREACH;
}

IoResult failed_io() {
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoResult::Status::kWouldBlock, 0};
  return {is_timeout(errno) ? IoResult::Status::kTimedOut : IoResult::Status::kClosed, 0};
}

void set_number(const Fd& fd, int level, int option, std::uint32_t value) {
  const int number = static_cast<int>(value);
  setsockopt(fd.get(), level, option, &number, sizeof number);
}

}  // namespace

Result<std::vector<Fd>> listen_on(const Endpoint& endpoint, std::size_t count) {
  std::vector<Fd> listeners;
  Endpoint target = endpoint;
  for (std::size_t i = 0; i < count; ++i) {
    const int family = target.address.is_v4 ? AF_INET : AF_INET6;
    Fd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return cannot_listen(target);
    const bool first = i == 0;
    // IPV6_V6ONLY lets 0.0.0.0 and [::] stand beside each other on one port (ipv6(7)).
    if (!enable(fd.get(), SOL_SOCKET, SO_REUSEADDR) ||
        (family == AF_INET6 && !enable(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY)) ||
        (!first && !enable(fd.get(), SOL_SOCKET, SO_REUSEPORT))) {
      return cannot_listen(target);
    }
    // Accepted sockets inherit it (tcp(7)): no setsockopt(2) per connection.
    if (!enable(fd.get(), IPPROTO_TCP, TCP_NODELAY)) return cannot_listen(target);
    const SocketAddress address = to_sockaddr(target);
    if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
      return cannot_listen(target);
    }
    if (first && !enable(fd.get(), SOL_SOCKET, SO_REUSEPORT)) return cannot_listen(target);
    if (listen(fd.get(), kListenBacklog) != 0) return cannot_listen(target);
    if (first) target.port = bound_endpoint(fd).port;
    listeners.push_back(std::move(fd));
  }
  return listeners;
}

void set_patience(const Fd& listener, const PeerPatience& patience) {
  const auto set = [&](int level, int option, std::uint32_t value) {
    set_number(listener, level, option, value);
  };
  if (patience.unacknowledged_s > 0) {
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, patience.unacknowledged_s * 1000);
  }
  if (patience.silent_s == 0) return;
  constexpr std::uint32_t kProbes = 3;
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, patience.silent_s);
  set(IPPROTO_TCP, TCP_KEEPINTVL, std::max(1u, patience.silent_s / kProbes));
  set(IPPROTO_TCP, TCP_KEEPCNT, kProbes);
}

void set_unsent_max(const Fd& listener, std::uint32_t bytes) {
  if (bytes > 0) set_number(listener, IPPROTO_TCP, TCP_NOTSENT_LOWAT, bytes);
}

Endpoint bound_endpoint(const Fd& listener) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  getsockname(listener.get(), reinterpret_cast<sockaddr*>(&storage), &size);
  return Endpoint::from_sockaddr(storage);
}

Accepted accept_one(const Fd& listener) {
  for (;;) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    const int fd = accept4(listener.get(), reinterpret_cast<sockaddr*>(&storage), &size,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) return {Accepted::Status::kOk, Fd(fd), Endpoint::from_sockaddr(storage)};
    switch (errno) {
      case EAGAIN:
        return {Accepted::Status::kNothing, Fd(), {}};
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        return {Accepted::Status::kNoDescriptors, Fd(), {}};
      default:
        CHECK(errno != EBADF && errno != EINVAL && errno != ENOTSOCK);
        // accept(2): errors of the new connection are reported here; that one is gone, go on.
        continue;
    }
  }
}

Peer peer_of(const Fd& connection) {
  Peer peer;
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  const bool known =
      getpeername(connection.get(), reinterpret_cast<sockaddr*>(&storage), &size) == 0;
  if (!known || (storage.ss_family != AF_INET && storage.ss_family != AF_INET6)) return peer;
  peer.endpoint = Endpoint::from_sockaddr(storage);
  tcp_info info{};
  size = sizeof info;
  if (getsockopt(connection.get(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0) {
    peer.heard_ms = info.tcpi_last_data_recv;
  }
  return peer;
}

IoResult receive(int fd, std::span<char> into) {
  for (;;) {
    const ssize_t got = ::recv(fd, into.data(), into.size(), 0);
    if (got > 0) return {IoResult::Status::kOk, static_cast<std::size_t>(got)};
    if (got == 0) return {IoResult::Status::kClosed, 0};
    if (errno != EINTR) return failed_io();
  }
}

IoResult send(int fd, std::string_view bytes) {
  for (;;) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) return {IoResult::Status::kOk, static_cast<std::size_t>(sent)};
    if (errno != EINTR) return failed_io();
  }
}

void shut_down(int fd) { ::shutdown(fd, SHUT_WR); }

bool has_timed_out(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && is_timeout(error);
}

}  // namespace reactor

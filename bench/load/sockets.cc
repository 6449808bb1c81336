#include "bench/load/sockets.h"

#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <system_error>

#include "bench/load/clock.h"

namespace load {
namespace {

constexpr std::uint32_t kEverything = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
constexpr std::uint32_t kFirstSource = (127u << 24) + 2;
// connect(2) leaves every second port to bind(2) and takes those only after a search through all
// others, which is slow. And some ports are taken by others.
constexpr double kUsablePorts = 0.4;

std::uint64_t local_ports() {
  std::ifstream in("/proc/sys/net/ipv4/ip_local_port_range");
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (in >> first >> last && last >= first) return last - first + 1;
  return 60999 - 32768 + 1;  // the kernel's default
}

socklen_t to_sockaddr(const reactor::Endpoint& endpoint, sockaddr_storage& storage) {
  if (endpoint.address.is_v4) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    std::memcpy(&in.sin_addr, endpoint.address.bytes.data(), sizeof in.sin_addr);
    std::memcpy(&storage, &in, sizeof in);
    return sizeof in;
  }
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  in.sin6_port = htons(endpoint.port);
  std::memcpy(&in.sin6_addr, endpoint.address.bytes.data(), sizeof in.sin6_addr);
  std::memcpy(&storage, &in, sizeof in);
  return sizeof in;
}

}  // namespace

Epoll::Epoll() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!fd_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

bool Epoll::add(int fd, std::uint64_t token) { return add(fd, kEverything, token); }

bool Epoll::add(const Epoll& other, std::uint64_t token) {
  return add(other.fd_.get(), EPOLLIN, token);
}

bool Epoll::add(int fd, std::uint32_t events, std::uint64_t token) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  return ::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Epoll::remove(int fd) { ::epoll_ctl(fd_.get(), EPOLL_CTL_DEL, fd, nullptr); }

std::span<epoll_event> Epoll::wait(std::span<epoll_event> into, std::int64_t timeout_ns) {
  timeout_ns = std::max<std::int64_t>(timeout_ns, 0);
  const timespec timeout{timeout_ns / kSecond, timeout_ns % kSecond};
  const int size = static_cast<int>(into.size());
  int count = ::epoll_pwait2(fd_.get(), into.data(), size, &timeout, nullptr);
  if (count < 0 && errno == ENOSYS) {
    const auto milliseconds = static_cast<int>((timeout_ns + kMillisecond - 1) / kMillisecond);
    count = ::epoll_wait(fd_.get(), into.data(), size, milliseconds);
  }
  return into.first(static_cast<std::size_t>(std::max(count, 0)));
}

Connector::Connector(const reactor::Endpoint& to, std::uint64_t sources)
    : name_(to.to_string()), to_size_(to_sockaddr(to, to_)), sources_(sources) {}

std::uint64_t Connector::sources_for(std::uint64_t connections) {
  const auto usable = static_cast<std::uint64_t>(static_cast<double>(local_ports()) * kUsablePorts);
  const std::uint64_t needed = (connections + usable - 1) / usable;
  return needed > 1 ? needed : 0;
}

bool Connector::bind_source(int fd, std::uint64_t index) const {
  // Without it bind(2) would take a port that no other connection may use, whatever its target.
  const int on = 1;
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(kFirstSource + static_cast<std::uint32_t>(index % sources_));
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) == 0;
}

reactor::Fd Connector::open(std::uint64_t index, int receive_buffer_bytes) const {
  reactor::Fd fd(::socket(to_.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return {};
  if (receive_buffer_bytes > 0) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                 sizeof receive_buffer_bytes);
  }
  if (sources_ > 0 && !bind_source(fd.get(), index)) return {};
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to_), to_size_) != 0 &&
      errno != EINPROGRESS) {
    return {};
  }
  return fd;
}

reactor::Result<reactor::Fd> Connector::open_and_wait(int timeout_ms) const {
  const auto trouble = [&](int error) {
    return reactor::Error{"cannot connect to " + name_ + ": " + std::strerror(error)};
  };
  reactor::Fd fd = open(0, 0);
  if (!fd) return trouble(errno);
  pollfd one{fd.get(), POLLOUT, 0};
  if (::poll(&one, 1, timeout_ms) != 1) return trouble(ETIMEDOUT);
  if (const int error = connect_error(fd.get())) return trouble(error);
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

int connect_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

}  // namespace load

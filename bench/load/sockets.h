// Connections and epoll as the generator wants them. All sockets are non-blocking.
#pragma once

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "reactor/endpoint.h"
#include "reactor/fd.h"
#include "reactor/result.h"

namespace load {

// One epoll instance; timeouts in nanoseconds (epoll_pwait2(2), Linux 5.11).
class Epoll {
 public:
  Epoll();
  // Edge-triggered and for everything: one system call in a connection's life.
  bool add(int fd, std::uint64_t token);
  // Reported as long as the other has events.
  bool add(const Epoll& other, std::uint64_t token);
  void remove(int fd);
  std::span<epoll_event> wait(std::span<epoll_event> into, std::int64_t timeout_ns);

 private:
  bool add(int fd, std::uint32_t events, std::uint64_t token);

  reactor::Fd fd_;
};

// Opens connections to one endpoint, from as many loopback addresses as wanted: a pair of addresses
// has only as many ports as net.ipv4.ip_local_port_range holds.
class Connector {
 public:
  // sources 0: the kernel's choice.
  Connector(const reactor::Endpoint& to, std::uint64_t sources);

  // How many sources that many connections need; 0 when the kernel's choice will do.
  static std::uint64_t sources_for(std::uint64_t connections);

  // Begins connection `index`; none, with errno, when it cannot. receive_buffer_bytes 0: the
  // kernel's choice.
  [[nodiscard]] reactor::Fd open(std::uint64_t index, int receive_buffer_bytes) const;
  // The same, and waits until it stands.
  [[nodiscard]] reactor::Result<reactor::Fd> open_and_wait(int timeout_ms) const;

 private:
  [[nodiscard]] bool bind_source(int fd, std::uint64_t index) const;

  std::string name_;
  sockaddr_storage to_{};
  socklen_t to_size_ = 0;
  std::uint64_t sources_;
};

// What became of a connection that was being opened: 0 or an errno.
int connect_error(int fd);

}  // namespace load

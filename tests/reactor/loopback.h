// Connections over the loopback interface, for tests of the units that own sockets.
//
// Each helper waits for the kernel with poll(2), never for a while; what does not come within
// kPatienceMs fails the test. Ports are the kernel's choice.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "reactor/endpoint.h"
#include "reactor/fd.h"
#include "reactor/socket.h"

namespace reactor::testing_loopback {

inline constexpr int kPatienceMs = 20'000;

// poll(2) tells of errors and hang-ups unasked: whoever waits for those asks for no events.
inline bool await(int fd, short events, int timeout_ms = kPatienceMs) {
  pollfd one{fd, events, 0};
  return ::poll(&one, 1, timeout_ms) == 1;
}

inline Endpoint endpoint(std::string_view text) {
  auto parsed = Endpoint::parse(text);
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed ? *parsed : Endpoint{};
}

inline Endpoint any_port_v4() { return endpoint("127.0.0.1:0"); }

// One listener on a free port of 127.0.0.1.
inline Fd listener_v4() {
  auto listeners = listen_on(any_port_v4(), 1);
  EXPECT_TRUE(listeners.ok()) << (listeners ? "" : listeners.error());
  return listeners ? std::move(listeners->front()) : Fd();
}

// A blocking socket of the given family; receive_buffer_bytes 0 leaves the kernel's choice.
inline Fd client_socket(int family, int receive_buffer_bytes = 0) {
  Fd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (receive_buffer_bytes > 0) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                 sizeof receive_buffer_bytes);
  }
  return fd;
}

// connect(2) to a loopback or wildcard listener. The kernel completes it without an accept.
inline bool connect_to(const Fd& client, const Endpoint& to) {
  if (to.address.is_v4) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(to.port);
    std::memcpy(&in.sin_addr, to.address.bytes.data(), 4);
    return ::connect(client.get(), reinterpret_cast<const sockaddr*>(&in), sizeof in) == 0;
  }
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  in.sin6_port = htons(to.port);
  std::memcpy(in.sin6_addr.s6_addr, to.address.bytes.data(), 16);
  return ::connect(client.get(), reinterpret_cast<const sockaddr*>(&in), sizeof in) == 0;
}

inline Fd connected_client(const Endpoint& to, int receive_buffer_bytes = 0) {
  Fd client = client_socket(to.address.is_v4 ? AF_INET : AF_INET6, receive_buffer_bytes);
  EXPECT_TRUE(connect_to(client, to)) << to.to_string() << ": " << std::strerror(errno);
  return client;
}

// `server` is what accept_one() gave, non-blocking; `client` is blocking.
struct Pair {
  Fd server;
  Fd client;
  Endpoint peer;
};

inline Pair connected_pair(int receive_buffer_bytes = 0) {
  const Fd listener = listener_v4();
  Pair pair;
  pair.client = connected_client(bound_endpoint(listener), receive_buffer_bytes);
  EXPECT_TRUE(await(listener.get(), POLLIN));
  Accepted accepted = accept_one(listener);
  EXPECT_EQ(accepted.status, Accepted::Status::kOk);
  pair.server = std::move(accepted.fd);
  pair.peer = accepted.peer;
  return pair;
}

// Makes close(2) reset the connection instead of ending it in order (socket(7), SO_LINGER).
inline void reset_on_close(const Fd& fd) {
  const linger now{1, 0};
  EXPECT_EQ(::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
}

}  // namespace reactor::testing_loopback

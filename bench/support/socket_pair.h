// Two connected TCP sockets on loopback, as the server and a client have them.
//
// For the benchmarks of what does system calls.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <utility>

#include "reactor/check.h"
#include "reactor/endpoint.h"
#include "reactor/fd.h"
#include "reactor/socket.h"

namespace bench {

class SocketPair {
 public:
  SocketPair() {
    auto endpoint = reactor::Endpoint::parse("127.0.0.1:0");
    auto listeners = reactor::listen_on(endpoint.value(), 1);
    const reactor::Fd& listener = listeners.value().front();
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    CHECK(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    client_ = reactor::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    CHECK(::connect(client_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    reactor::Accepted accepted = reactor::accept_one(listener);
    CHECK(accepted.status == reactor::Accepted::Status::kOk);
    server_ = std::move(accepted.fd);
  }

  [[nodiscard]] int server() const { return server_.get(); }
  // The server's side for whoever wants to own it.
  reactor::Fd take_server() { return std::move(server_); }

  // The client reads all that is there.
  void drain() {
    while (::recv(client_.get(), sink_.data(), sink_.size(), MSG_DONTWAIT) > 0) {
    }
  }

 private:
  reactor::Fd server_;
  reactor::Fd client_;
  std::array<char, 256 * 1024> sink_;
};

}  // namespace bench

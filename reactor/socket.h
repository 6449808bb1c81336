// TCP sockets: listening, accepting, and one system call per send or receive.
//
// Stateless functions; the caller owns the descriptors. All sockets are non-blocking and
// close-on-exec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "reactor/endpoint.h"
#include "reactor/fd.h"
#include "reactor/result.h"

namespace reactor {

// What became of one send or receive. "Nothing now" and "peer left" are values, not errors.
struct IoResult {
  enum class Status : std::uint8_t {
    kOk,
    kWouldBlock,
    kClosed,
    kTimedOut,  // closed, too: the kernel has given the peer up
  };
  Status status;
  std::size_t bytes;
};

// Binds `count` listeners to one endpoint for as many cores; connections spread over them by the
// kernel's hash (SO_REUSEPORT, socket(7)). The first is bound without SO_REUSEPORT, so that a
// port somebody listens on already, another server of ours included, is an error and not a
// silent sharing. Port 0: all share the port that the kernel chose for the first.
Result<std::vector<Fd>> listen_on(const Endpoint& endpoint, std::size_t count);

// When the kernel gives up a TCP peer that is gone without having said so, in seconds; 0 leaves it
// to the system's settings, which mean hours.
struct PeerPatience {
  // It acknowledges nothing, or its window stays closed (TCP_USER_TIMEOUT, tcp(7)).
  std::uint32_t unacknowledged_s = 0;
  // After so long a silence of both sides it is asked whether it is there (SO_KEEPALIVE), and again
  // thrice in as long a time.
  std::uint32_t silent_s = 0;
};

// For all connections that the listener will accept: they inherit it, so that it costs no system
// call per connection. Nothing happens on a listener that is not TCP's.
void set_patience(const Fd& listener, const PeerPatience& patience);

// For all connections that the listener will accept, in the same way: send() finds no room while
// the kernel holds so many bytes that it may not send yet, and room is reported when half of them
// are gone (TCP_NOTSENT_LOWAT, tcp(7)). What is on its way is bounded by the peer's window. 0
// leaves it to the system: up to tcp_wmem's maximum, mostly 4 MiB for one who reads nothing.
void set_unsent_max(const Fd& listener, std::uint32_t bytes);

// The endpoint that a listener is bound to.
Endpoint bound_endpoint(const Fd& listener);

// One accept4(2).
struct Accepted {
  enum class Status : std::uint8_t { kOk, kNothing, kNoDescriptors };
  Status status;
  Fd fd;
  Endpoint peer;
};
Accepted accept_one(const Fd& listener);

// The other end of a connection. On a Unix socket there is nothing to be said.
struct Peer {
  std::optional<Endpoint> endpoint;  // getpeername(2); nothing either when it has gone
  // How many milliseconds ago it sent data last: tcpi_last_data_recv of TCP_INFO, tcp(7).
  std::optional<std::uint32_t> heard_ms;
};
Peer peer_of(const Fd& connection);

// One recv(2). Zero bytes from the peer (it will send no more) is kClosed.
IoResult receive(int fd, std::span<char> into);

// One send(2) with MSG_NOSIGNAL. HOT: the system call and nothing else.
IoResult send(int fd, std::string_view bytes);

// shutdown(2) of the sending half: what was sent still arrives, then FIN. Receiving goes on.
void shut_down(int fd);

// After the poller saw an error: whether it is that of IoResult::Status::kTimedOut. Takes the
// error, so that the next call on the socket does not say it.
bool has_timed_out(int fd);

}  // namespace reactor

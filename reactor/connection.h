// One accepted TCP connection: its descriptor and what could not be sent at once.
//
// Owned by the core that accepted it, inside whatever that core keeps per connection. It knows
// nothing of HTTP. An idle connection costs sizeof(Connection); bytes are kept only after a short
// write, and given back when they have left.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "reactor/fd.h"
#include "reactor/socket.h"

namespace reactor {

class Connection {
 public:
  explicit Connection(Fd fd) : fd_(std::move(fd)) {}

  // HOT. One send(2) and nothing else: what the kernel did not take is the caller's to repeat when
  // the poller says writable. Must not be called while unsent() is not zero: bytes would overtake.
  IoResult send(std::string_view bytes) { return reactor::send(fd_.get(), bytes); }

  // Sends as much as the kernel takes and keeps the rest. kOk, or how the peer has gone.
  IoResult::Status write(std::string_view bytes);

  // After "writable": sends what was kept. kOk, or how the peer has gone.
  IoResult::Status flush();

  // Bytes kept by write() and not yet sent.
  [[nodiscard]] std::size_t unsent() const {
    return unsent_ == nullptr ? 0 : unsent_->bytes.size() - unsent_->sent;
  }

  // Bytes that keeping them takes.
  [[nodiscard]] std::size_t memory() const {
    return unsent_ == nullptr ? 0 : sizeof(Unsent) + unsent_->bytes.capacity();
  }

  IoResult receive(std::span<char> into) { return reactor::receive(fd_.get(), into); }
  void shut_down() { reactor::shut_down(fd_.get()); }
  bool has_timed_out() { return reactor::has_timed_out(fd_.get()); }
  [[nodiscard]] const Fd& fd() const { return fd_; }

 private:
  struct Unsent {
    std::string bytes;
    std::size_t sent = 0;
  };

  std::unique_ptr<Unsent> unsent_;
  Fd fd_;  // last, so that what holds a connection may use the padding behind it
};
static_assert(sizeof(Connection) == 16);

}  // namespace reactor

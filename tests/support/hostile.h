// Clients that mean harm: many connections, and what a flood of them does to a server.
//
// For tests of overload and for soaks, over loopback. Each piece opens what it is told to and no
// more; whoever uses several at once adds up. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/http_client.h"
#include "tests/support/running_server.h"

namespace support {

// Connections to one port that are open at the same time.
class Crowd {
 public:
  Crowd(std::uint16_t port, std::size_t count);

  [[nodiscard]] std::size_t size() const { return clients_.size(); }
  Client& operator[](std::size_t index) { return clients_[index]; }
  // The same bytes on each connection. Those whose server is gone are passed over.
  void say(std::string_view bytes);
  // The next byte of `text` on each connection; nothing is sent beyond its end.
  void drip(std::string_view text);
  void shutdown_write();
  void leave() { clients_.clear(); }
  // Each closes with RST (SO_LINGER of 0).
  void reset();

 private:
  std::vector<Client> clients_;
  std::size_t dripped_ = 0;
};

// Connects and resets, `count` times one after the other, having sent those bytes.
void connect_and_reset(std::uint16_t port, std::size_t count, std::string_view bytes);

// A request with that many headers.
std::string request_with_headers(std::size_t count);

// What a server holds: who asks twice gets the same figures when nothing was left behind.
struct Holdings {
  std::uint64_t connections = 0;
  std::uint64_t descriptors = 0;
  std::uint64_t memory = 0;  // of all classes
  friend bool operator==(const Holdings&, const Holdings&) = default;
};
Holdings holdings_of(const RunningServer& server);
// Asks until the server holds no more than that; the figures at the end, for the message.
Holdings await_holdings(const RunningServer& server, const Holdings& bound);

// What must go on whatever happens: liveness, /info, and a message to a subscriber who listens.
class Witness {
 public:
  explicit Witness(const RunningServer& server);
  // Each answers, and the message arrives; else it throws.
  void observe();

 private:
  const RunningServer& server_;
  Subscription subscription_;
  std::uint64_t seq_ = 0;
};

}  // namespace support

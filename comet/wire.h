// What a hub can do to the world: the only way out of the state machine.
//
// Implemented by a worker over real sockets, and by tests over memory. A session is a connection
// of this core, by its index; a subscriber's session exists as long as the subscriber.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "comet/hub_message.h"

namespace comet {

enum class SendStatus : std::uint8_t { kOk, kWouldBlock, kClosed };
struct Sent {
  SendStatus status;
  std::size_t bytes;
};

// What became of a write().
enum class Written : std::uint8_t {
  kAll,   // has left
  kKept,  // some of it waits for room in the socket; Hub::writable() will be called when it has
          // left
  kGone,  // the peer is gone
};

// How a response ended.
enum class Ending : std::uint8_t {
  kComplete,  // the next request may come, or the connection closes if the request said so
  kLast,      // the connection closes when what is unsent has left
  kBroken,    // the connection must close: the peer is gone, or it can't be told properly
};

class Wire {
 public:
  virtual ~Wire() = default;

  // HOT. One attempt; nothing is kept. kWouldBlock means that Hub::writable() will be called.
  virtual Sent send(std::uint32_t session, std::string_view bytes) = 0;
  // Sends, and keeps what does not fit.
  virtual Written write(std::uint32_t session, std::string_view bytes) = 0;
  // Why this session's response is about to end is to be counted. False if the connection has
  // counted its end already, for a reason that it knows better.
  [[nodiscard]] virtual bool count_end(std::uint32_t session) = 0;
  // The response of this session's subscriber ended, and the subscriber with it.
  virtual void ended(std::uint32_t session, Ending ending) = 0;
  // The answer to a command or an order. The session may be gone.
  virtual void answer(const Answer& answer) = 0;
  // What a core made of its part of a batch. The session may be gone.
  virtual void pushed(std::size_t core, const PushReport& report) = 0;
  // What the cores say, by core, to what the session asked them. It may be gone.
  virtual void surveyed(Ref session, std::vector<Finding>&& findings) = 0;
  // To another core's hub.
  virtual void post(std::size_t core, HubMessage&& message) = 0;
  // How many messages to that core wait because its mailbox is full.
  [[nodiscard]] virtual std::size_t backlog(std::size_t core) const = 0;
  // Asks the kernel.
  [[nodiscard]] virtual PeerFacts peer(std::uint32_t session) const = 0;
  // What only the owner of connections, mailboxes and the loop knows of this core.
  virtual void add_to(CoreReport& report) const = 0;
};

}  // namespace comet

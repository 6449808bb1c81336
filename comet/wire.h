// What a hub can do to the world: the only way out of the state machine.
//
// Implemented by a worker over real sockets, and by tests over memory. A session is a connection
// of this core, by its index; a subscriber's session exists as long as the subscriber.
#pragma once

#include <cstdint>
#include <string_view>

#include "comet/hub_message.h"

namespace comet {

enum class SendStatus : std::uint8_t { kOk, kWouldBlock, kClosed };
struct Sent {
  SendStatus status;
  std::size_t bytes;
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
  // Sends, and keeps what does not fit. False when the peer is gone.
  virtual bool write(std::uint32_t session, std::string_view bytes) = 0;
  // The response of this session's subscriber ended, and the subscriber with it.
  virtual void ended(std::uint32_t session, Ending ending) = 0;
  // The answer to a command or a survey. The session may be gone.
  virtual void answer(const Answer& answer) = 0;
  // To another core's hub.
  virtual void post(std::size_t core, HubMessage&& message) = 0;
  // How many messages to that core wait because its mailbox is full.
  [[nodiscard]] virtual std::size_t backlog(std::size_t core) const = 0;
};

}  // namespace comet

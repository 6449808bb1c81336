// epoll(7), as one core uses it.
//
// Owned by a loop. A token names what an event is about: an index into the owner's slab and the
// generation that the slot had at registration, so that an event for something closed and reused
// in the same batch misses.
//
// The edge-triggered contract for connections: register once, for in, out, rdhup and errors; read
// until a short read or would-block, write until would-block; who stops earlier, because of a
// budget, must come back by itself. Listeners are level-triggered: accepting has a budget too, and
// a connection left in the queue must be reported again.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <span>

#include "reactor/fd.h"

namespace reactor {

struct Token {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;
  friend bool operator==(const Token&, const Token&) = default;
};

struct Event {
  Token token;
  bool readable = false;     // bytes, a FIN or an error to be read
  bool writable = false;     // after a would-block: there is room again
  bool peer_closed = false;  // FIN, reset or error: no more will come
  bool failed = false;       // reset or error
};

class Poller {
 public:
  static constexpr int kEventsMax = 512;

  Poller();

  // False when the kernel has no room for another watch (fs.epoll.max_user_watches, memory).
  [[nodiscard]] bool watch_edges(const Fd& fd, Token token);
  void watch_level(const Fd& fd, Token token);
  // Stops reporting a descriptor of watch_level(), and begins again.
  void pause(const Fd& fd, Token token);
  void resume(const Fd& fd, Token token);

  // A level that several pollers watch, each through a descriptor of its own: what comes wakes one
  // of those that sleep (EPOLLEXCLUSIVE), the one that has watched for longest. unwatch() must come
  // before the descriptor is closed: while another poller's is open, the kernel would go on
  // reporting it (epoll(7), questions and answers 6). False as for watch_edges().
  [[nodiscard]] bool watch_shared(const Fd& fd, Token token);
  void unwatch(const Fd& fd);

  static constexpr std::int64_t kForEver = -1;

  // One epoll_pwait2(2), or epoll_wait(2) with whole milliseconds where the kernel is older than
  // 5.11. The events are valid until the next call. A process that was stopped (SIGSTOP, a
  // debugger) goes on with what came meanwhile: otherwise its timers would end clients who had
  // spoken in time.
  std::span<const Event> wait(std::int64_t timeout_us);

 private:
  int wait_raw(std::int64_t timeout_us);

  Fd epoll_;
  bool waits_in_ms_ = false;  // the kernel has no epoll_pwait2(2)
  std::array<epoll_event, kEventsMax> raw_;
  std::array<Event, kEventsMax> events_;
};

}  // namespace reactor

// The signals that a server answers to, as an ordinary blocking call.
//
// Owned by main. Construct it before any thread starts: threads inherit the mask, so no reactor
// is ever interrupted, and no code of ours runs in a signal handler.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace reactor {

enum class Signal : std::uint8_t {
  kStop,    // SIGTERM, SIGINT
  kReload,  // SIGHUP
  kReopen,  // SIGUSR1
};

class Signals {
 public:
  // Blocks these signals in this thread and its descendants, and ignores SIGPIPE, whose news
  // arrives as EPIPE from send(2).
  Signals();

  // Waits for one of them.
  Signal wait();
  // The same; nothing when none came in that time.
  std::optional<Signal> wait_for(std::chrono::milliseconds time);
};

}  // namespace reactor

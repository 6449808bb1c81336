// The signals that a server answers to, as an ordinary blocking call.
//
// Owned by main. Construct it before any thread starts: threads inherit the mask, so no reactor
// is ever interrupted, and no code of ours runs in a signal handler.
#pragma once

namespace reactor {

class Signals {
 public:
  // Blocks SIGTERM and SIGINT in this thread and its descendants, and ignores SIGPIPE, whose
  // news arrives as EPIPE from send(2).
  Signals();

  // Waits for SIGTERM or SIGINT and returns its number.
  int wait();
};

}  // namespace reactor

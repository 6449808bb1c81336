// Wakes a core that sleeps in its poller, and does nothing to one that is awake.
//
// Owned by the sleeping core; wake() may be called by any. The flag prevents the lost wake-up: the
// sleeper finds its mailboxes empty, a sender fills one, and the sleeper blocks all the same.
// Both sides do a read-modify-write on the one flag, and such operations have a single order. If
// the sender's comes second, it reads "asleep" and writes the eventfd. If the sleeper's comes
// second, it reads what the sender wrote, so it also sees what was sent before, in the look at
// the mailboxes that must follow fall_asleep().
#pragma once

#include <atomic>

#include "reactor/fd.h"

namespace reactor {

class Waker {
 public:
  Waker();

  // Sleeper: announce, then look at every mailbox once more, then block in the poller.
  void fall_asleep() { asleep_.exchange(true, std::memory_order_acq_rel); }
  // A read-modify-write, too: a plain store would come between the two and break the argument.
  void wake_up() { asleep_.exchange(false, std::memory_order_acq_rel); }

  // Sender, after its messages are in the mailbox. One system call if the sleeper sleeps.
  void wake() {
    if (asleep_.exchange(false, std::memory_order_acq_rel)) signal();
  }

  // Wakes whatever the flag says, for a stop.
  void signal();

  // The eventfd to watch, and to empty when it was reported.
  [[nodiscard]] const Fd& fd() const { return event_; }
  void drain();

 private:
  alignas(64) std::atomic<bool> asleep_{false};
  Fd event_;
};

}  // namespace reactor

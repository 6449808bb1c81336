// One core's turns: wait, handle what happened, read the post, fire timers, flush.
//
// Runs on one thread; everything it calls runs there. Only stop() and waker() may be used from
// others. The loop knows listeners, its waker and tokens; what a token means is the handler's.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "reactor/clock.h"
#include "reactor/fd.h"
#include "reactor/poller.h"
#include "reactor/pulse.h"
#include "reactor/socket.h"
#include "reactor/turn_statistics.h"
#include "reactor/waker.h"

namespace reactor {

class Loop {
 public:
  // What a core does in its turns. The order of the calls is the order of a turn.
  class Handler {
   public:
    virtual ~Handler() = default;
    // The clock was read; it stands still until the next turn.
    virtual void begin_turn(const Now& now) = 0;
    // A new connection on a listener, by the listener's place in the list given to the loop.
    virtual void accepted(std::size_t listener, Fd fd, const Endpoint& peer) = 0;
    // The process has no descriptor left, and this connection was taken by the one that the loop
    // keeps for that. It should be closed at once, or the loop has none for the next.
    virtual void accepted_last(std::size_t listener, Fd fd, const Endpoint& peer) = 0;
    // When the next connection may be taken from a listener: at once if that is not later than now.
    // Until then whoever waits stays in the kernel's queue.
    virtual std::uint64_t next_accept_us(std::size_t listener) = 0;
    // Something happened to what the handler registered under event.token.
    virtual void happened(const Event& event) = 0;
    // Messages of other cores, timers, sweeps. True if there is more to do at once. All that peers
    // had sent by heard_until_us was reported by now: a deadline that ends those who were silent
    // may look no further. The turn's clock may stand far behind it, where others had the CPU
    // meanwhile.
    virtual bool end_turn(std::uint64_t heard_until_us) = 0;
    // The turn is over, and the clock was read once more: all that was sent in it has left by now.
    virtual void turn_ended(std::uint64_t now_us) = 0;
    // Is there a message that arrived after end_turn()? Asked when about to sleep.
    virtual bool has_mail() = 0;
    // When end_turn() must be called again if nothing happens, in CLOCK_MONOTONIC microseconds.
    virtual std::optional<std::uint64_t> next_deadline_us() = 0;
  };

  // `shared` are listeners of which other loops have descriptors, too; in the numbering they come
  // after `listeners`.
  Loop(Handler& handler, std::vector<Fd> listeners, std::vector<Fd> shared = {});

  // Turns until stop(), also when that came first.
  void run();

  // Any thread: the loop ends after the turn it is in.
  void stop();

  // A handler, from begin_turn() or before run(): takes what waits in that listener's queue, as far
  // as it is not endless, and closes it. Whoever comes later is refused by the kernel, or is
  // another process's, if one listens there.
  void close_listener(std::size_t listener);

  // One other thread, a watchdog's: whether the loop had a turn since the last call; it is to have
  // another. True at the first call.
  bool turned_since_asked() {
    const bool turned = pulse_.answered();
    pulse_.ask();
    waker_.signal();
    return turned;
  }

  // Any thread: for those who posted something to this core.
  Waker& waker() { return waker_; }

  Poller& poller() { return poller_; }

  // Descriptors that a loop has beside its listeners: the poller, the waker, the reserve.
  static constexpr std::size_t kOwnDescriptors = 3;
  [[nodiscard]] std::size_t descriptors() const { return listeners_.size() + kOwnDescriptors; }
  // The loop's own thread.
  [[nodiscard]] const TurnStatistics& turns() const { return turns_; }

 private:
  static constexpr std::uint32_t kWakerIndex = 0xffffffff;
  static constexpr std::uint32_t kFirstListenerIndex = 0xffff0000;
  static constexpr int kAcceptsPerTurnMax = 256;
  static constexpr int kLastAcceptsMax = 1024;
  // Of a shared listener: the others are to have a part of what comes in a burst.
  static constexpr int kSharedAcceptsPerTurnMax = 16;
  static constexpr std::uint64_t kRestUs = 100'000;
  // Where each turn has as many events as the kernel gives at once, and so never tells of all, what
  // it told of is taken for all after that time: deadlines are late by so much at most.
  static constexpr std::uint64_t kUnheardUsMax = 10'000'000;

  // How long to wait for events, by the clock of the turn's end; announces the sleep to the waker
  // when it is one.
  std::int64_t sleep_us(bool more, std::uint64_t now_us);
  void hear_until(std::span<const Event> events, std::int64_t longest_us, std::uint64_t asked_us);
  void accept_from(std::size_t listener);
  // Goes to the end of the queue of those that a shared listener wakes.
  void queue_again(std::size_t listener);
  [[nodiscard]] bool is_shared(std::size_t listener) const { return listener >= own_listeners_; }
  void take_last(std::size_t listener);
  // Nothing is taken from a listener, or from any, until then.
  void rest(std::size_t listener, std::uint64_t until_us);
  void rest_all();
  void end_rests();
  [[nodiscard]] Token token_of(std::size_t listener) const {
    return {kFirstListenerIndex + static_cast<std::uint32_t>(listener), 0};
  }

  Handler& handler_;
  std::vector<Fd> listeners_;  // none where it was closed
  std::size_t own_listeners_;  // from there on they are shared
  Poller poller_;
  Waker waker_;
  Pulse pulse_;
  Fd reserve_;  // given up for a moment when there are no more, to take a connection and refuse it
  std::vector<std::optional<std::uint64_t>> rests_until_us_;  // by listener
  std::optional<std::uint64_t> next_rest_end_us_;             // not after the first of them
  std::uint64_t now_us_ = 0;
  std::uint64_t heard_until_us_ = 0;  // see Handler::end_turn()
  TurnStatistics turns_;
  std::atomic<bool> stopping_{false};
};

}  // namespace reactor

// The subscribers of one process: they connect, ask, read, and hand what arrives to the checks.
//
// Owned by the process's Generator. Only this unit writes the counters of its slot. Three roles:
// the measured, the slow ones (which read 256 bytes a second) and those of the background channel,
// whose messages are thrown away unread; the latter report to an epoll instance of their own, so
// that they cannot delay the measured ones. An idle subscriber takes 32 bytes here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/board.h"
#include "bench/load/dialect.h"
#include "bench/load/options.h"
#include "bench/load/order.h"
#include "bench/load/schedule.h"
#include "bench/load/sockets.h"
#include "reactor/fd.h"

namespace load {

class Subscribers {
 public:
  // What all processes know.
  struct Context {
    const Options& options;
    const Dialect& dialect;
    const Schedule& schedule;
    Board& board;
  };

  Subscribers(const Context& context, std::size_t process, Epoll& epoll, Epoll& background_epoll);

  // Keeps the window of connections that are being opened full.
  void open_more();
  // What epoll said about the subscriber of that token. `now` is the time, and the time after the
  // last receive afterwards.
  void on_event(std::uint64_t token, std::uint32_t events, std::int64_t& now);

  // Lets subscribers leave and come back from now on, until `end`.
  void start_churn(std::int64_t now, std::int64_t end);
  // When on_time() wants to be called next.
  [[nodiscard]] std::int64_t due() const;
  void on_time(std::int64_t now);

  // The slow ones read all they can from now on: that the server closed a connection shows only
  // behind what it had sent.
  void drain();
  [[nodiscard]] bool has_slow() const { return slow_ > 0; }
  // Counts what was acknowledged and did not come.
  void finish();

 private:
  enum class Role : std::uint8_t { kMeasured, kSlow, kBackground };
  enum class State : std::uint8_t { kUnopened, kConnecting, kAsking, kListening, kClosed };

  struct Subscriber {
    std::uint64_t next = 0;             // the number it waits for; 0: not known
    std::unique_ptr<std::string> rest;  // of a frame that is not whole
    reactor::Fd fd;
    Stream stream;
    Role role = Role::kMeasured;
    State state = State::kUnopened;
    bool counted = false;  // in Slot::subscribed: only the first time
  };
  static_assert(sizeof(Subscriber) <= 32);

  void open(std::uint32_t index);
  void ask(Subscriber& subscriber);
  void send(Subscriber& subscriber, std::string_view bytes);
  void read(std::uint32_t index, std::uint32_t events, std::int64_t& now);
  // Bytes of the next receive, behind what was kept: how many, or less than 0.
  std::ptrdiff_t receive(const Subscriber& subscriber, std::size_t kept);
  static void keep(Subscriber& subscriber, std::string_view rest);
  void take(std::uint32_t index, std::int64_t now);
  void learn(Subscriber& subscriber, std::uint64_t next);
  void settle(Subscriber& subscriber);
  void count(std::uint32_t index, std::int64_t now);
  bool discard(Subscriber& subscriber, std::size_t most);
  void discard_all(Subscriber& subscriber);
  void lose(Subscriber& subscriber);
  void leave_and_return();

  const Options& options_;
  const Dialect& dialect_;
  const Schedule& schedule_;
  Board& board_;
  Slot& slot_;
  Epoll& epoll_;
  Epoll& background_epoll_;
  Connector connector_;
  std::size_t window_;

  std::vector<Subscriber> subscribers_;
  std::uint64_t first_index_;  // of all connections, for their source addresses
  std::size_t measured_ = 0;   // these come first, then the slow ones, then the background
  std::size_t slow_ = 0;
  std::size_t unopened_ = 0;  // the next to be opened
  std::size_t opening_ = 0;

  OrderChecker order_;
  Arrived arrived_;
  std::vector<char> input_;
  std::string output_;

  std::int64_t churn_due_;
  std::int64_t churn_end_ = 0;
  std::int64_t churn_interval_ns_ = 0;
  std::size_t churned_ = 0;  // the next to leave
  std::int64_t slow_due_;
  bool draining_ = false;
};

}  // namespace load

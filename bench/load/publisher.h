// Publishes: at intended times, or as fast as answers come; over some pipelined connections.
//
// Owned by the Generator of the first process. A late publisher catches up and never skips, and
// what waits is bounded: when a socket takes no more, publishing stops until it does, while the
// intended times stay what they were. A publish that is refused is trouble for the whole run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "bench/load/board.h"
#include "bench/load/dialect.h"
#include "bench/load/schedule.h"
#include "bench/load/sockets.h"
#include "reactor/endpoint.h"
#include "reactor/fd.h"

namespace load {

class Publisher {
 public:
  // What to do from when on.
  struct Task {
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;     // of a closed loop
    std::uint64_t messages = 0;  // of an open one
    std::uint64_t window = 0;    // unanswered messages of a closed loop; 0: an open one
  };

  // `only`: all messages go to this channel, and the board is not told (the background).
  Publisher(const Dialect& dialect, const Schedule& schedule, Board& board,
            std::optional<Channel> only);

  // Connects all, and waits until they stand. One sentence when that fails.
  std::optional<std::string> connect(const reactor::Endpoint& to, std::size_t connections,
                                     Epoll& epoll, std::uint64_t first_token);
  // One message out of turn, to channel 0, before any task: it is not counted.
  void probe();
  [[nodiscard]] bool probe_answered() const { return probes_ == 0; }

  void start(const Task& task);
  // When publish_due() has something to do.
  [[nodiscard]] std::int64_t due() const { return due_; }
  void publish_due(std::int64_t now);
  void on_event(std::size_t connection, std::uint32_t events);

  [[nodiscard]] std::uint64_t published() const { return next_; }
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
  // All was published that the task wanted, and answered.
  [[nodiscard]] bool done(std::int64_t now) const;
  // Why it cannot go on; empty while it can.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  struct Connection {
    reactor::Fd fd;
    std::string output;
    std::size_t sent = 0;               // of the output
    std::string input;                  // of an answer that is not whole
    std::uint64_t unmarked = 0;         // messages of the batch that is being written
    std::deque<std::uint64_t> batches;  // messages of batches that wait for their answer
    bool touched = false;
  };

  void append(std::uint64_t k, std::int64_t now);
  void flush(Connection& connection);
  void flush_touched();
  void send_waiting(Connection& connection);
  void read(std::size_t index);
  void acknowledge(std::size_t index, std::uint64_t answers);
  void plan_next();

  const Dialect& dialect_;
  const Schedule& schedule_;
  Board& board_;
  std::optional<Channel> only_;
  std::vector<Connection> connections_;
  std::vector<char> buffer_;

  Task task_;
  bool started_ = false;
  bool blocked_ = false;  // a socket takes no more
  std::int64_t due_;
  std::uint64_t next_ = 0;  // the next message
  std::uint64_t acknowledged_ = 0;
  std::uint64_t probes_ = 0;
  std::string trouble_;
};

}  // namespace load

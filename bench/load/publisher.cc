#include "bench/load/publisher.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bench/load/clock.h"

namespace load {
namespace {

constexpr int kConnectTimeoutMs = 5000;
constexpr std::size_t kReadBytes = 65536;
// Of a connection; more does not help a server that is behind.
constexpr std::size_t kMostWaiting = 1 << 20;
// Leave together at most, so that a burst of due messages does not hold up the reading.
constexpr std::size_t kBatch = 1024;

}  // namespace

Publisher::Publisher(const Dialect& dialect, const Schedule& schedule, Board& board,
                     std::optional<Channel> only)
    : dialect_(dialect),
      schedule_(schedule),
      board_(board),
      only_(only),
      buffer_(kReadBytes),
      due_(kNever) {}

std::optional<std::string> Publisher::connect(const reactor::Endpoint& to, std::size_t connections,
                                              Epoll& epoll, std::uint64_t first_token) {
  const Connector connector(to, 0);
  for (std::size_t i = 0; i < connections; ++i) {
    auto fd = connector.open_and_wait(kConnectTimeoutMs);
    if (!fd) return fd.error();
    Connection& connection = connections_.emplace_back();
    connection.fd = std::move(*fd);
    connection.output = dialect_.greeting();
    flush(connection);
    if (!epoll.add(connection.fd.get(), first_token + i)) return std::string(std::strerror(errno));
  }
  return std::nullopt;
}

void Publisher::probe() {
  ++probes_;
  dialect_.append_publish(connections_[0].output, 0, 0);
  flush(connections_[0]);
}

void Publisher::start(const Task& task) {
  task_ = task;
  started_ = true;
  plan_next();
}

bool Publisher::done(std::int64_t now) const {
  const bool all = task_.window > 0 ? now >= task_.end_ns : next_ == task_.messages;
  return all && acknowledged_ == next_;
}

void Publisher::plan_next() {
  if (!started_ || blocked_) {
    due_ = kNever;
  } else if (task_.window > 0) {
    due_ = next_ - acknowledged_ < task_.window ? task_.start_ns : kNever;
  } else {
    due_ = next_ < task_.messages ? task_.start_ns + schedule_.intended_ns(next_) : kNever;
  }
}

void Publisher::publish_due(std::int64_t now) {
  if (task_.window > 0 && now >= task_.end_ns) {
    due_ = kNever;
    return;
  }
  for (std::size_t i = 0; i < kBatch && due_ <= now; ++i) {
    append(next_++, now);
    plan_next();
  }
  flush_touched();
}

void Publisher::append(std::uint64_t k, std::int64_t now) {
  const std::uint64_t channel = schedule_.channel_of(k);
  if (task_.window > 0 && !only_) board_.note_sent(k, now);
  Connection& connection = connections_[schedule_.connection_of(channel)];
  dialect_.append_publish(connection.output, only_.value_or(static_cast<Channel>(channel)),
                          schedule_.place_of(k) + 1);
  ++connection.unmarked;
  connection.touched = true;
  if (connection.output.size() - connection.sent > kMostWaiting) blocked_ = true;
}

void Publisher::flush_touched() {
  for (Connection& connection : connections_) {
    if (!connection.touched) continue;
    connection.touched = false;
    flush(connection);
  }
}

// Ends the batch and sends.
void Publisher::flush(Connection& connection) {
  if (dialect_.answers_batches() && connection.unmarked > 0) {
    connection.output.append(dialect_.batch_end());
    connection.batches.push_back(connection.unmarked);
  }
  connection.unmarked = 0;
  send_waiting(connection);
}

void Publisher::send_waiting(Connection& connection) {
  while (connection.sent < connection.output.size()) {
    const ssize_t sent = ::send(connection.fd.get(), connection.output.data() + connection.sent,
                                connection.output.size() - connection.sent, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN) {
        trouble_ = std::string("cannot publish: ") + std::strerror(errno);
      }
      return;
    }
    connection.sent += static_cast<std::size_t>(sent);
  }
  connection.output.clear();
  connection.sent = 0;
}

void Publisher::on_event(std::size_t index, std::uint32_t events) {
  Connection& connection = connections_[index];
  if ((events & EPOLLOUT) != 0 && connection.sent < connection.output.size()) {
    send_waiting(connection);
    blocked_ = std::ranges::any_of(connections_, [](const Connection& one) {
      return one.output.size() - one.sent > kMostWaiting;
    });
  }
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) read(index);
  plan_next();
}

void Publisher::read(std::size_t index) {
  Connection& connection = connections_[index];
  for (;;) {
    const ssize_t got = ::recv(connection.fd.get(), buffer_.data(), buffer_.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      trouble_ = "the server closed a publisher's connection";
      return;
    }
    connection.input.append(buffer_.data(), static_cast<std::size_t>(got));
    const Dialect::Answers answers = dialect_.read_answers(connection.input);
    connection.input.erase(0, answers.bytes);
    if (!answers.error.empty()) {
      trouble_ = answers.error;
      return;
    }
    if (answers.pinged) {
      connection.output.append(dialect_.pong());
      send_waiting(connection);
    }
    acknowledge(index, answers.count);
    if (!trouble_.empty()) return;
  }
}

void Publisher::acknowledge(std::size_t index, std::uint64_t answers) {
  if (!started_) {
    probes_ -= std::min(probes_, answers);
    return;
  }
  std::uint64_t messages = answers;
  if (dialect_.answers_batches()) {
    std::deque<std::uint64_t>& batches = connections_[index].batches;
    for (messages = 0; answers > 0 && !batches.empty(); --answers) {
      messages += batches.front();
      batches.pop_front();
    }
  }
  acknowledged_ += messages;
  if (!only_) board_.acknowledged()[index].add(messages);
  if (acknowledged_ > next_) trouble_ = "the server answered more publishes than there were";
}

}  // namespace load

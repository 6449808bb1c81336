#include "bench/load/subscribers.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bench/load/clock.h"

namespace load {
namespace {

constexpr std::size_t kReadBytes = 65536;
// Of messages that nobody looks at.
constexpr std::size_t kDiscardBytes = 1 << 20;
constexpr std::size_t kSlowBytes = 256;
constexpr std::int64_t kSlowInterval = kSecond;
// So small that what a slow reader leaves soon waits in the server.
constexpr int kSlowReceiveBuffer = 4096;
constexpr std::uint32_t kGone = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

// Connections [first, last) of `count` that are this process's.
std::uint64_t part(std::uint64_t count, std::size_t process, std::size_t processes) {
  return count * process / processes;
}

}  // namespace

Subscribers::Subscribers(const Context& context, std::size_t process, Epoll& epoll,
                         Epoll& background_epoll)
    : options_(context.options),
      dialect_(context.dialect),
      schedule_(context.schedule),
      board_(context.board),
      slot_(context.board.slots()[process]),
      epoll_(epoll),
      background_epoll_(background_epoll),
      connector_(options_.front, options_.sources > 0
                                     ? options_.sources
                                     : Connector::sources_for(options_.connections())),
      churn_due_(kNever),
      slow_due_(kNever) {
  const std::size_t processes = board_.slots().size();
  window_ = std::max<std::size_t>(options_.connect_window / processes, 1);
  const auto range = [&](std::uint64_t count) {
    return std::pair(part(count, process, processes), part(count, process + 1, processes));
  };
  const auto [first, last] = range(options_.subscribers);
  const auto [background_first, background_last] = range(options_.background_subscribers);
  first_index_ = first + background_first;
  subscribers_.resize(last - first + background_last - background_first);
  const std::uint64_t first_slow = options_.subscribers - options_.slow;
  for (std::uint64_t i = first; i < last; ++i) {
    Subscriber& subscriber = subscribers_[i - first];
    subscriber.stream.channel = static_cast<Channel>(i % options_.channels);
    subscriber.role = i < first_slow ? Role::kMeasured : Role::kSlow;
    ++(subscriber.role == Role::kMeasured ? measured_ : slow_);
    if (dialect_.numbering() == Numbering::kCarried) learn(subscriber, 1);
  }
  for (std::size_t i = last - first; i < subscribers_.size(); ++i) {
    subscribers_[i].stream.channel = kBackgroundChannel;
    subscribers_[i].role = Role::kBackground;
  }
}

void Subscribers::open_more() {
  while (unopened_ < subscribers_.size() && opening_ < window_ && !slot_.failed) {
    ++opening_;
    open(static_cast<std::uint32_t>(unopened_++));
  }
}

void Subscribers::open(std::uint32_t index) {
  Subscriber& subscriber = subscribers_[index];
  const bool slow = subscriber.role == Role::kSlow;
  subscriber.fd = connector_.open(first_index_ + index, slow ? kSlowReceiveBuffer : 0);
  Epoll& epoll = subscriber.role == Role::kBackground ? background_epoll_ : epoll_;
  if (!subscriber.fd || !epoll.add(subscriber.fd.get(), index)) {
    slot_.fail(std::string("cannot open a connection to ") + options_.front.to_string() + ": " +
               std::strerror(errno));
    return;
  }
  subscriber.state = State::kConnecting;
  subscriber.stream = {subscriber.stream.channel};
}

void Subscribers::on_event(std::uint64_t token, std::uint32_t events, std::int64_t& now) {
  const auto index = static_cast<std::uint32_t>(token);
  Subscriber& subscriber = subscribers_[index];
  if (subscriber.state == State::kConnecting) {
    if (const int error = connect_error(subscriber.fd.get())) {
      slot_.fail("cannot connect to " + options_.front.to_string() + ": " + std::strerror(error));
      return;
    }
    if ((events & EPOLLOUT) == 0) return;
    ask(subscriber);
    subscriber.state = State::kAsking;
  }
  if ((events & (EPOLLIN | kGone)) == 0 || subscriber.state == State::kClosed) return;
  if (subscriber.state == State::kListening && subscriber.role != Role::kMeasured) {
    // The slow ones are read by the clock; that the server gave them up is seen here.
    if (subscriber.role == Role::kBackground || draining_) discard_all(subscriber);
    if ((events & kGone) != 0) lose(subscriber);
    return;
  }
  read(index, events, now);
}

void Subscribers::ask(Subscriber& subscriber) {
  output_.clear();
  dialect_.append_subscribe(output_, subscriber.stream.channel, subscriber.next);
  send(subscriber, output_);
}

void Subscribers::send(Subscriber& subscriber, std::string_view bytes) {
  const ssize_t sent = ::send(subscriber.fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  // A request is much smaller than an empty socket's buffer. Who has left is seen when reading.
  if (sent >= 0 && static_cast<std::size_t>(sent) < bytes.size()) {
    slot_.fail("a request to subscribe did not fit into its socket");
  }
}

std::ptrdiff_t Subscribers::receive(const Subscriber& subscriber, std::size_t kept) {
  if (input_.size() < kept + kReadBytes) input_.resize(kept + kReadBytes);
  if (kept > 0) std::memcpy(input_.data(), subscriber.rest->data(), kept);
  return ::recv(subscriber.fd.get(), input_.data() + kept, kReadBytes, 0);
}

void Subscribers::read(std::uint32_t index, std::uint32_t events, std::int64_t& now) {
  Subscriber& subscriber = subscribers_[index];
  for (;;) {
    const std::size_t kept = subscriber.rest ? subscriber.rest->size() : 0;
    const std::ptrdiff_t got = receive(subscriber, kept);
    now = now_ns();
    if (got <= 0) {
      if (got == 0 || errno != EAGAIN) lose(subscriber);
      return;
    }
    const std::string_view bytes(input_.data(), kept + static_cast<std::size_t>(got));
    arrived_.clear();
    const std::size_t taken = dialect_.decode(bytes, subscriber.stream, arrived_);
    keep(subscriber, bytes.substr(taken));
    take(index, now);
    // Less than was asked for means that there is no more, and that the next edge will tell
    // (epoll(7)), unless this edge said that the peer has left.
    const bool drained = static_cast<std::size_t>(got) < kReadBytes && (events & kGone) == 0;
    if (drained || slot_.failed.load(std::memory_order_relaxed)) return;
  }
}

void Subscribers::keep(Subscriber& subscriber, std::string_view rest) {
  if (rest.empty()) {
    subscriber.rest.reset();
  } else if (subscriber.rest) {
    subscriber.rest->assign(rest);
  } else {
    subscriber.rest = std::make_unique<std::string>(rest);
  }
}

void Subscribers::take(std::uint32_t index, std::int64_t now) {
  Subscriber& subscriber = subscribers_[index];
  if (!arrived_.error.empty()) {
    slot_.fail(arrived_.error);
    return;
  }
  if (arrived_.pinged) send(subscriber, dialect_.pong());
  if (arrived_.next_seq) {
    if (subscriber.next == 0) {
      learn(subscriber, *arrived_.next_seq);
    } else if (*arrived_.next_seq != subscriber.next) {
      slot_.fail("a subscriber that came back was told another number");
      return;
    }
  }
  if (!arrived_.numbers.empty() && subscriber.role == Role::kMeasured) count(index, now);
  if (arrived_.response_ended) {
    slot_.responses.add(1);
    ask(subscriber);
  }
  // It may be told the number in a later receive than that it is in place.
  const bool told = dialect_.numbering() != Numbering::kTold || subscriber.next != 0;
  if (subscriber.state == State::kAsking && subscriber.stream.subscribed && told) {
    settle(subscriber);
  }
}

// All of a channel's subscribers start at the same number, since nothing is published before the
// last of them is in place.
void Subscribers::learn(Subscriber& subscriber, std::uint64_t next) {
  subscriber.next = next;
  if (subscriber.stream.channel == kBackgroundChannel) return;
  std::uint64_t known = 0;
  if (!board_.first_number(subscriber.stream.channel).compare_exchange_strong(known, next) &&
      known != next) {
    slot_.fail("a channel's subscribers start at different numbers: somebody else publishes to it");
  }
  if (subscriber.role == Role::kMeasured) slot_.placed.add(1);
}

void Subscribers::settle(Subscriber& subscriber) {
  subscriber.state = State::kListening;
  if (subscriber.counted) return;  // it came back
  subscriber.counted = true;
  --opening_;
  slot_.subscribed.add(1);
  if (subscriber.role == Role::kSlow && slow_due_ == kNever) {
    slow_due_ = now_ns() + kSlowInterval;
  }
}

void Subscribers::count(std::uint32_t index, std::int64_t now) {
  Subscriber& subscriber = subscribers_[index];
  if (subscriber.next == 0) {  // the floor's first message is there to tell its number
    learn(subscriber, arrived_.numbers.back() + 1);
    return;
  }
  const std::uint64_t first = board_.first_number(subscriber.stream.channel).load();
  const std::uint64_t first_measured = board_.first_measured().load(std::memory_order_acquire);
  const std::int64_t start = board_.start_ns().load(std::memory_order_acquire);
  const bool timed = schedule_.interval_ns() > 0;
  std::uint64_t received = 0;
  std::uint64_t measured = 0;
  for (const std::uint64_t number : arrived_.numbers) {
    const Arrival arrival = order_.arrived(index, subscriber.next, number);
    if (arrival != Arrival::kInOrder) [[unlikely]] {
      if (arrival == Arrival::kRepeated) {
        slot_.repeated.add(1);
        continue;
      }
      slot_.out_of_order.add(1);
    }
    ++received;
    const std::uint64_t k = schedule_.index_of(subscriber.stream.channel, number - first);
    if (k < first_measured) continue;
    ++measured;
    const std::int64_t sent = timed ? start + schedule_.intended_ns(k) : board_.sent_ns(k);
    slot_.latency.record(static_cast<std::uint64_t>(std::max<std::int64_t>(now - sent, 0)));
  }
  slot_.received.add(received);
  slot_.measured.add(measured);
}

// MSG_TRUNC: TCP drops the bytes without copying them (tcp(7)). Says whether there may be more.
bool Subscribers::discard(Subscriber& subscriber, std::size_t most) {
  const ssize_t got = ::recv(subscriber.fd.get(), nullptr, most, MSG_TRUNC);
  if (got == 0) lose(subscriber);
  return got == static_cast<ssize_t>(most);
}

void Subscribers::discard_all(Subscriber& subscriber) {
  while (discard(subscriber, kDiscardBytes)) {
  }
}

void Subscribers::drain() {
  draining_ = true;
  slow_due_ = kNever;
  for (std::size_t i = measured_; i < measured_ + slow_; ++i) {
    if (subscribers_[i].state == State::kListening) discard_all(subscribers_[i]);
  }
}

void Subscribers::lose(Subscriber& subscriber) {
  if (subscriber.state == State::kClosed) return;
  if (board_.phase() == Phase::kSubscribe) {
    slot_.fail("the server closed a connection before publishing began");
  }
  slot_.closed.add(1);
  if (subscriber.role == Role::kSlow) slot_.slow_closed.add(1);
  subscriber.state = State::kClosed;
  subscriber.fd.reset();
}

void Subscribers::start_churn(std::int64_t now, std::int64_t end) {
  if (options_.churn <= 0 || measured_ == 0) return;
  const double share =
      static_cast<double>(measured_) / static_cast<double>(options_.subscribers - options_.slow);
  churn_interval_ns_ = from_seconds(1 / (options_.churn * share));
  churn_due_ = now + churn_interval_ns_;
  churn_end_ = end;
}

std::int64_t Subscribers::due() const { return std::min(churn_due_, slow_due_); }

void Subscribers::on_time(std::int64_t now) {
  while (churn_due_ <= now) {
    leave_and_return();
    churn_due_ += churn_interval_ns_;
    if (churn_due_ >= churn_end_) churn_due_ = kNever;
  }
  if (slow_due_ > now) return;
  for (std::size_t i = measured_; i < measured_ + slow_; ++i) {
    if (subscribers_[i].state == State::kListening) discard(subscribers_[i], kSlowBytes);
  }
  slow_due_ = now + kSlowInterval;
}

void Subscribers::leave_and_return() {
  const auto index = static_cast<std::uint32_t>(churned_++ % measured_);
  Subscriber& subscriber = subscribers_[index];
  if (subscriber.state != State::kListening) return;
  subscriber.rest.reset();
  open(index);  // which closes the old connection
}

void Subscribers::finish() {
  std::vector<std::uint64_t> acknowledged;
  for (const Counter& counter : board_.acknowledged()) acknowledged.push_back(counter.get());
  for (std::uint32_t i = 0; i < measured_; ++i) {
    const Subscriber& subscriber = subscribers_[i];
    const std::uint64_t published =
        schedule_.done_on(subscriber.stream.channel,
                          acknowledged[schedule_.connection_of(subscriber.stream.channel)]);
    const std::uint64_t end = board_.first_number(subscriber.stream.channel).load() + published;
    slot_.missing.add(order_.missing(i, subscriber.next, end));
  }
}

}  // namespace load

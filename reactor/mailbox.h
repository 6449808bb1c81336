// The post between cores: one bounded queue for each ordered pair, queue[to][from].
//
// Shared by all cores; core i calls post(i, ...), receive(i, ...) and flush(i) only. Messages of
// one pair arrive in the order in which they were posted; pairs are not ordered among each other.
//
// A full queue never blocks and never loses: what does not fit waits in an overflow list of the
// sender, is moved by flush(), and backlog() tells it to those who decide what to accept: it is
// they who bound the overflow.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "reactor/spsc_queue.h"

namespace reactor {

// Of messages that are no larger than their type.
struct Weightless {
  template <class T>
  std::size_t operator()(const T&) const {
    return 0;
  }
};

// Weight{}(message) is how many bytes a message holds beside its own, the same whenever it is
// asked.
template <class T, class Weight = Weightless>
class Mailboxes {
 public:
  Mailboxes(std::size_t cores, std::size_t capacity) : cores_(cores), lanes_(cores * cores) {
    for (auto& lane : lanes_) lane = std::make_unique<Lane>(capacity);
  }

  // HOT. Nobody is woken: the sender does that once for all that it posted in a turn.
  void post(std::size_t from, std::size_t to, T&& message) {
    Lane& lane = this->lane(from, to);
    if (!lane.overflow.empty() || !lane.queue.push(std::move(message))) {
      keep_back(lane, std::move(message));
    }
  }

  // Hands up to `budget` messages from each sender to f(from, T&&). True if some may be left.
  template <class F>
  bool receive(std::size_t to, std::size_t budget, F&& f) {
    bool more = false;
    for (std::size_t from = 0; from < cores_; ++from) {
      SpscQueue<T>& queue = lane(from, to).queue;
      std::size_t left = budget;
      while (left > 0) {
        T* message = queue.front();
        if (message == nullptr) break;
        T taken = std::move(*message);
        queue.pop();
        f(from, std::move(taken));
        --left;
      }
      more = more || left == 0;
    }
    return more;
  }

  // Is anything waiting for this core?
  [[nodiscard]] bool has_mail(std::size_t to) {
    for (std::size_t from = 0; from < cores_; ++from) {
      if (lane(from, to).queue.front() != nullptr) return true;
    }
    return false;
  }

  // Moves what overflowed into its queue as far as there is room. True if some is left.
  bool flush(std::size_t from, std::size_t to) {
    Lane& lane = this->lane(from, to);
    while (!lane.overflow.empty()) {
      const std::size_t weight = Weight{}(lane.overflow.front());
      if (!lane.queue.push(std::move(lane.overflow.front()))) break;
      lane.overflow_weight -= weight;
      lane.overflow.pop_front();
    }
    lane.longest = std::max(lane.longest, lane.queue.size() + lane.overflow.size());
    return !lane.overflow.empty();
  }

  // How many messages wait in the sender's overflow.
  [[nodiscard]] std::size_t backlog(std::size_t from, std::size_t to) const {
    return lanes_[to * cores_ + from]->overflow.size();
  }

  // The sender's: the most messages that waited, in the queue and beside it, when it flushed.
  [[nodiscard]] std::size_t longest(std::size_t from, std::size_t to) const {
    return lanes_[to * cores_ + from]->longest;
  }

  [[nodiscard]] std::size_t cores() const { return cores_; }
  // The sender's: bytes of the queues that it sends through, and of what waits beside them with all
  // that it holds. What the messages in the queues hold is not counted: that would take the path of
  // each message.
  [[nodiscard]] std::size_t memory_of(std::size_t from) const {
    std::size_t messages = cores_ * lanes_.front()->queue.capacity();
    std::uint64_t weight = 0;
    for (std::size_t to = 0; to < cores_; ++to) {
      const Lane& lane = *lanes_[to * cores_ + from];
      messages += lane.overflow.size();
      weight += lane.overflow_weight;
    }
    return messages * sizeof(T) + weight;
  }

 private:
  struct Lane {
    explicit Lane(std::size_t capacity) : queue(capacity) {}
    SpscQueue<T> queue;
    std::deque<T> overflow;             // the sender's alone
    std::size_t longest = 0;            // likewise
    std::uint64_t overflow_weight = 0;  // likewise
  };

  // Rare, and kept out of what calls post().
  [[gnu::noinline]] static void keep_back(Lane& lane, T&& message) {
    lane.overflow_weight += Weight{}(message);
    lane.overflow.push_back(std::move(message));
  }

  Lane& lane(std::size_t from, std::size_t to) { return *lanes_[to * cores_ + from]; }

  std::size_t cores_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace reactor

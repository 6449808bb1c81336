// Consecutively numbered messages: a ring of references.
//
// Owned by one core. Two uses: a channel's replay buffer at its home, and the window of recent
// messages that a core's local half still needs. Numbers [begin(), next()) are held. An empty
// history has no ring, so an idle channel costs nothing beyond the object.
// Invariant: size <= capacity, capacity is zero or a power of two, bytes() is the sum of contents,
// message_memory_ that of what the messages count as their holder's.
#pragma once

#include <cstdint>
#include <memory>

#include "comet/message.h"
#include "reactor/check.h"

namespace comet {

class History {
 public:
  explicit History(std::uint64_t next) : next_(next) {}
  History(History&&) = default;
  History& operator=(History&&) = default;

  [[nodiscard]] std::uint64_t begin() const { return next_ - size_; }
  [[nodiscard]] std::uint64_t next() const { return next_; }
  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  // Bytes of the ring and of the messages in it, as if they were nowhere else; broadcasts are, and
  // count elsewhere.
  [[nodiscard]] std::uint64_t memory() const {
    return std::uint64_t{capacity_} * sizeof(MessageRef) + message_memory_;
  }

  // HOT. The message gets the number next().
  void append(MessageRef message) {
    if (size_ == capacity_) grow();
    bytes_ += message->content().size();
    message_memory_ += message->own_memory();
    slot(next_) = std::move(message);
    ++next_;
    ++size_;
  }

  void drop_oldest() {
    DCHECK(size_ > 0);
    MessageRef dropped = std::move(slot(begin()));
    bytes_ -= dropped->content().size();
    message_memory_ -= dropped->own_memory();
    --size_;
  }

  // Forgets all but the newest `count`, and takes no more room than they need.
  void keep_newest(std::uint32_t count);

  [[nodiscard]] const MessageRef& at(std::uint64_t number) const {
    DCHECK(number >= begin() && number < next_);
    return ring_[number & (capacity_ - 1)];
  }

  // Forgets the messages, keeps the numbering and gives the ring back.
  void clear() {
    if (capacity_ == 0) return;
    ring_.reset();
    capacity_ = 0;
    size_ = 0;
    bytes_ = 0;
    message_memory_ = 0;
  }

  // Forgets everything and goes on numbering elsewhere.
  void restart(std::uint64_t next) {
    clear();
    next_ = next;
  }

 private:
  MessageRef& slot(std::uint64_t number) { return ring_[number & (capacity_ - 1)]; }
  void grow();
  void move_to(std::uint32_t capacity);

  std::unique_ptr<MessageRef[]> ring_;
  std::uint64_t next_;
  std::uint64_t bytes_ = 0;
  std::uint64_t message_memory_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
};
static_assert(sizeof(History) == 40);

}  // namespace comet

// A bounded queue between one producing and one consuming thread.
//
// Invariant: head_ <= tail_ <= head_ + capacity. The producer owns tail_ and a copy of head_, the
// consumer owns head_ and a copy of tail_, each on its own cache line, so that a line travels
// between cores only when a copy says full or empty.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <utility>

#include "reactor/check.h"

namespace reactor {

template <class T>
class SpscQueue {
 public:
  // Capacity is rounded up to a power of two.
  explicit SpscQueue(std::size_t capacity)
      : mask_(std::bit_ceil(capacity) - 1),
        slots_(std::make_unique_for_overwrite<Slot[]>(mask_ + 1)) {}
  SpscQueue(const SpscQueue&) = delete;
  SpscQueue& operator=(const SpscQueue&) = delete;
  ~SpscQueue() {
    while (front() != nullptr) pop();
  }

  // Producer. HOT. False when full; `value` is moved from only on success.
  bool push(T&& value) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_seen_ > mask_) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail - head_seen_ > mask_) return false;
    }
    std::construct_at(slots_[tail & mask_].get(), std::move(value));
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  // Consumer. HOT. The oldest element, or null when empty; valid until pop().
  T* front() {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_seen_) {
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (head == tail_seen_) return nullptr;
    }
    return slots_[head & mask_].get();
  }

  // Consumer; front() was not null.
  void pop() {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    DCHECK(head != tail_seen_);
    std::destroy_at(slots_[head & mask_].get());
    head_.store(head + 1, std::memory_order_release);
  }

  // Producer. How many wait; some of them may be taken at this moment.
  [[nodiscard]] std::size_t size() const {
    return tail_.load(std::memory_order_relaxed) - head_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] std::size_t capacity() const { return mask_ + 1; }

 private:
  struct Slot {
    alignas(T) std::byte bytes[sizeof(T)];
    T* get() { return std::launder(reinterpret_cast<T*>(bytes)); }
  };

  const std::size_t mask_;
  const std::unique_ptr<Slot[]> slots_;
  alignas(64) std::atomic<std::size_t> tail_{0};
  std::size_t head_seen_ = 0;
  alignas(64) std::atomic<std::size_t> head_{0};
  std::size_t tail_seen_ = 0;
};

}  // namespace reactor

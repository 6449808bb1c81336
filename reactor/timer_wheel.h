// Deadlines of the objects of one slab: a hashed wheel with links inside the objects.
//
// Owned by the core that owns the slab. Arming, cancelling and expiring take constant time and
// allocate nothing; a timer costs its 12-byte link. The resolution is kTickMs: a timer fires at the
// first turn after its deadline, rounded up to a tick, never before.
//
// A slot holds the timers of one coming tick; one whose deadline lies beyond the wheel's reach is
// put into the farthest slot and moved on when that comes up.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <optional>

#include "reactor/check.h"
#include "reactor/slab.h"

namespace reactor {

struct TimerLink {
  std::uint32_t previous = kNoIndex;  // an index, or kHeadBit | slot for the first of a slot
  std::uint32_t next = kNoIndex;
  std::uint32_t due_tick = 0;

  [[nodiscard]] bool armed() const { return previous != kNoIndex; }
};
static_assert(sizeof(TimerLink) == 12);

template <class T, TimerLink T::*kLink>
class TimerWheel {
 public:
  static constexpr std::uint64_t kTickMs = 64;

  TimerWheel(Slab<T>& slab, std::uint64_t now_ms)
      : slab_(slab), current_(static_cast<std::uint32_t>(now_ms / kTickMs)) {
    heads_.fill(kNoIndex);
  }

  // HOT. Sets or moves the timer of an object, to at most four years ahead: ticks are compared as
  // neighbours on a circle of 2^32.
  void arm(std::uint32_t index, std::uint64_t due_ms) {
    cancel(index);
    const std::uint64_t tick = (due_ms + kTickMs - 1) / kTickMs;
    link(index).due_tick = static_cast<std::uint32_t>(tick);
    insert(index);
  }

  // HOT. Must be called before an armed object is erased.
  void cancel(std::uint32_t index) {
    TimerLink& node = link(index);
    if (!node.armed()) return;
    if ((node.previous & kHeadBit) != 0) {
      const std::uint32_t slot = node.previous & ~kHeadBit;
      heads_[slot] = node.next;
      if (node.next == kNoIndex) occupied_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
    } else {
      link(node.previous).next = node.next;
    }
    if (node.next != kNoIndex) link(node.next).previous = node.previous;
    node.previous = kNoIndex;
    node.next = kNoIndex;
  }

  // Takes one object whose deadline has passed off the wheel; kNoIndex when there is none.
  std::uint32_t pop_due(std::uint64_t now_ms) {
    const auto now_tick = static_cast<std::uint32_t>(now_ms / kTickMs);
    for (;;) {
      const std::uint32_t index = heads_[current_ % kSlots];
      if (index == kNoIndex) {
        if (!before(current_, now_tick)) return kNoIndex;
        current_ += skip_empty(now_tick - current_);
        continue;
      }
      // A deadline of the current tick itself is due: arm() rounded it up.
      cancel(index);
      if (!before(current_, link(index).due_tick)) return index;
      insert(index);
    }
  }

  // When pop_due() may next have something, in milliseconds; nothing when no timer is armed.
  [[nodiscard]] std::optional<std::uint64_t> next_due_ms(std::uint64_t now_ms) const {
    const std::uint32_t distance = first_occupied();
    if (distance == kSlots) return std::nullopt;
    const std::uint64_t now_tick = now_ms / kTickMs;
    const std::uint32_t behind = static_cast<std::uint32_t>(now_tick) - current_;
    if (distance <= behind) return now_ms;
    return (now_tick - behind + distance) * kTickMs;
  }

 private:
  static constexpr std::uint32_t kSlots = 1024;
  static constexpr std::uint32_t kHeadBit = 0x80000000u;

  // Ticks wrap after 8.7 years; an order of neighbours survives it.
  static bool before(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::int32_t>(a - b) < 0;
  }

  TimerLink& link(std::uint32_t index) { return slab_[index].*kLink; }

  void insert(std::uint32_t index) {
    TimerLink& node = link(index);
    std::uint32_t tick = node.due_tick;
    // Earlier than the wheel stands (a turn may have gone on past it): the current slot.
    if (before(tick, current_)) tick = current_;
    if (before(current_ + kSlots - 1, tick)) tick = current_ + kSlots - 1;
    const std::uint32_t slot = tick % kSlots;
    node.previous = kHeadBit | slot;
    node.next = heads_[slot];
    if (node.next != kNoIndex) link(node.next).previous = index;
    heads_[slot] = index;
    occupied_[slot / 64] |= std::uint64_t{1} << (slot % 64);
  }

  // Distance in ticks from current_ to the first slot that holds something; kSlots if none.
  [[nodiscard]] std::uint32_t first_occupied() const {
    const std::uint32_t start = current_ % kSlots;
    for (std::uint32_t step = 0; step <= kSlots / 64; ++step) {
      const std::uint32_t word = (start / 64 + step) % (kSlots / 64);
      std::uint64_t bits = occupied_[word];
      if (step == 0) bits &= ~std::uint64_t{0} << (start % 64);
      if (step == kSlots / 64) bits &= ~(~std::uint64_t{0} << (start % 64));
      if (bits != 0) {
        const std::uint32_t slot = word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
        return (slot - start) % kSlots;
      }
    }
    return kSlots;
  }

  [[nodiscard]] std::uint32_t skip_empty(std::uint32_t limit) const {
    const std::uint32_t distance = first_occupied();
    return distance < limit ? distance : limit;
  }

  Slab<T>& slab_;
  std::array<std::uint32_t, kSlots> heads_;
  std::array<std::uint64_t, kSlots / 64> occupied_{};
  std::uint32_t current_;  // every slot before it is empty
};

}  // namespace reactor

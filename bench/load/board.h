// What the processes of one run share: where the run is, and what each has counted.
//
// Made before the processes are forked, in one anonymous shared mapping. The first process
// conducts: it alone writes the course of the run. Every process writes its own slot and reads the
// course. Counters have one writer; a reader sees them a moment late.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "bench/load/histogram.h"

namespace load {

// A counter with one writer, for whom counting is an ordinary addition.
class Counter {
 public:
  void add(std::uint64_t more) {
    value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct alignas(64) Slot {
  Counter subscribed;  // connections in place, of all kinds
  Counter placed;      // measured subscribers that know which number comes next
  Counter received;    // messages, each counted once
  Counter measured;    // of these, the ones that count
  Counter responses;   // that polls were answered with
  Counter repeated;
  Counter out_of_order;
  Counter missing;      // only known at the end
  Counter closed;       // connections that the server closed
  Counter slow_closed;  // of these, the slow readers'
  Histogram latency;    // nanoseconds

  // The first trouble is the one that is told. Whoever reads the text saw `failed` first.
  void fail(std::string_view sentence);
  std::atomic<bool> failed{false};
  std::array<char, 240> trouble{};

  std::atomic<bool> finished{false};
};

enum class Phase : std::uint8_t { kSubscribe, kPublish, kFinish };

class Board {
 public:
  // One mapping for that many processes, channels and publishing connections. `send_times`: with a
  // ring of the moments when messages were sent, for a closed loop.
  enum class SendTimes : std::uint8_t { kNone, kKept };
  Board(std::size_t processes, std::size_t channels, std::size_t connections, SendTimes send_times);
  ~Board();
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  std::atomic<Phase>& phase() { return course_->phase; }
  // The moment of message 0; 0 until it is decided.
  std::atomic<std::int64_t>& start_ns() { return course_->start_ns; }
  // Messages from here on count.
  std::atomic<std::uint64_t>& first_measured() { return course_->first_measured; }

  std::span<Slot> slots() { return slots_; }
  // The number of a channel's first message; 0 while nobody knows it.
  std::atomic<std::uint64_t>& first_number(std::size_t channel) { return first_numbers_[channel]; }
  // How many messages of each publishing connection were acknowledged.
  std::span<Counter> acknowledged() { return acknowledged_; }

  void note_sent(std::uint64_t k, std::int64_t at_ns) {
    send_times_[k % kSendTimes].store(at_ns, std::memory_order_release);
  }
  [[nodiscard]] std::int64_t sent_ns(std::uint64_t k) const {
    return send_times_[k % kSendTimes].load(std::memory_order_acquire);
  }

  [[nodiscard]] std::uint64_t sum(Counter Slot::*counter) const;

 private:
  struct Course {
    std::atomic<Phase> phase{Phase::kSubscribe};
    std::atomic<std::int64_t> start_ns{0};
    std::atomic<std::uint64_t> first_measured{UINT64_MAX};
  };
  // More than a server lets its subscribers fall behind.
  static constexpr std::size_t kSendTimes = std::size_t{1} << 20;

  std::size_t bytes_ = 0;
  void* memory_ = nullptr;
  Course* course_ = nullptr;
  std::span<Slot> slots_;
  std::span<std::atomic<std::uint64_t>> first_numbers_;
  std::span<Counter> acknowledged_;
  std::span<std::atomic<std::int64_t>> send_times_;
};

}  // namespace load

// What a core says of itself when it is asked: /info, /metrics and /health are made of these.
//
// Values, copied by the core that owns the numbers and carried to the one that asked. All counters
// only ever grow from the start of the process.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "comet/close_reason.h"
#include "comet/delivery_counters.h"
#include "comet/memory_gate.h"
#include "comet/subscriber_counts.h"
#include "reactor/histogram.h"
#include "reactor/turn_statistics.h"

namespace comet {

// Bytes, by what they serve. What the allocator adds and what is spread thinly is not in it.
struct MemoryUse {
  std::uint64_t connections = 0;  // records of connections
  std::uint64_t subscribers = 0;  // records of subscribers, and their seats
  std::uint64_t channels = 0;     // records of channels and local halves, names, tables
  std::uint64_t history = 0;      // replay buffers; broadcasts, once, with those of core 0
  // What is under way: windows, unsent bytes, requests, batches, mailboxes and what waits there.
  std::uint64_t buffers = 0;

  [[nodiscard]] std::uint64_t total() const {
    return connections + subscribers + channels + history + buffers;
  }
  MemoryUse& operator+=(const MemoryUse& other);
};

// Mail from the reporting core to another one.
struct MailUse {
  std::uint64_t longest = 0;  // the most messages that ever waited
  std::uint64_t backlog = 0;  // that wait outside of the full mailbox now
};

struct CoreReport {
  std::uint64_t core = 0;
  std::uint64_t connections = 0;
  std::uint64_t descriptors = 0;  // connections, listeners and what the loop has
  SubscriberCounts subscribers;   // seated here
  std::uint64_t channels = 0;     // whose home this is
  std::uint64_t messages_in = 0;  // that got their number here
  DeliveryCounters deliveries;
  std::uint64_t bytes_out = 0;  // taken by the kernel
  std::uint64_t lagging = 0;    // subscribers whose socket is full
  std::vector<MailUse> mail;    // by receiving core
  reactor::TurnStatistics turns;
  reactor::Histogram delivery_lag_us;
  reactor::Histogram sweep_subscribers;  // served in a pass over a channel's subscribers
  MemoryUse memory;
  MemoryState memory_state = MemoryState::kAmple;
  CloseCounts closes;
};

// The sums over all cores, but for what only makes sense of one (core, mail).
CoreReport sum_of(std::span<const CoreReport> cores);

// The most messages that ever waited for the core in one sender's mail.
std::uint64_t longest_mail_to(std::size_t core, std::span<const CoreReport> cores);
// Those that wait for it now beside all its full mailboxes.
std::uint64_t mail_backlog_of(std::size_t core, std::span<const CoreReport> cores);

// More messages than that waiting for one core beside a sender's full mailbox, and publishers are
// told to come back later.
inline constexpr std::size_t kCongestedBacklog = 4096;

}  // namespace comet

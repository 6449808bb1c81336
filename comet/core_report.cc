#include "comet/core_report.h"

#include <algorithm>

namespace comet {

MemoryUse& MemoryUse::operator+=(const MemoryUse& other) {
  connections += other.connections;
  subscribers += other.subscribers;
  channels += other.channels;
  history += other.history;
  buffers += other.buffers;
  return *this;
}

CoreReport sum_of(std::span<const CoreReport> cores) {
  CoreReport sum;
  for (const CoreReport& core : cores) {
    sum.connections += core.connections;
    sum.descriptors += core.descriptors;
    sum.subscribers += core.subscribers;
    sum.channels += core.channels;
    sum.messages_in += core.messages_in;
    sum.deliveries += core.deliveries;
    sum.bytes_out += core.bytes_out;
    sum.lagging += core.lagging;
    sum.turns.turn_us += core.turns.turn_us;
    sum.turns.long_turns += core.turns.long_turns;
    sum.delivery_lag_us += core.delivery_lag_us;
    sum.sweep_subscribers += core.sweep_subscribers;
    sum.memory += core.memory;
    // One that is short of it says so for all.
    if (core.memory_state == MemoryState::kShort) sum.memory_state = MemoryState::kShort;
    sum.closes += core.closes;
  }
  return sum;
}

std::uint64_t longest_mail_to(std::size_t core, std::span<const CoreReport> cores) {
  std::uint64_t longest = 0;
  for (const CoreReport& sender : cores) {
    if (core < sender.mail.size()) longest = std::max(longest, sender.mail[core].longest);
  }
  return longest;
}

std::uint64_t mail_backlog_of(std::size_t core, std::span<const CoreReport> cores) {
  std::uint64_t backlog = 0;
  for (const CoreReport& sender : cores) {
    if (core < sender.mail.size()) backlog += sender.mail[core].backlog;
  }
  return backlog;
}

}  // namespace comet

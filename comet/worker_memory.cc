// The part of Worker that counts what its core takes, and says no when the budget is reached.
#include <utility>

#include "comet/worker.h"

namespace comet {
namespace {

// Of a request or a WebSocket's message, while memory is short: what asks and subscribes is
// shorter.
constexpr std::size_t kRequestBytesWhenShort = 8 * 1024;
// What a request of the front port may hold beside its head: it has no use for a body.
constexpr std::size_t kFrontBodyBytes = 64 * 1024;

}  // namespace

MemoryUse Worker::own_memory() const {
  MemoryUse use;
  use.connections = sessions_.memory();
  use.buffers = kScratchBytes + unsent_memory_ + text_memory_ + exchanges_.memory() +
                shared_.mail.memory_of(core_);
  return use;
}

MemoryUse Worker::memory_use() const {
  MemoryUse use = hub_.memory();
  use += own_memory();
  return use;
}

// Once a turn; without a budget it takes a comparison.
void Worker::look_at_memory() {
  const std::uint64_t budget = snapshot_->config().limits.max_memory;
  if (budget == 0) {
    hub_.limit_memory(0, 0);
    return;
  }
  hub_.limit_memory(budget, memory_use().total() + shared_.memory.all_but(core_) +
                                shared_.broadcast_memory.load(std::memory_order_relaxed));
}

void Worker::broadcast(Ref session, MessageRef message) {
  const std::uint64_t counted = message.count_in(shared_.broadcast_memory);
  hub_.broadcast(session, std::move(message));
  hub_.memory_gate().add(static_cast<std::int64_t>(counted));
}

// What a connection keeps to be sent has changed.
void Worker::count_kept(const Session& session, std::size_t before) {
  const std::size_t grown = session.connection.memory() - before;  // modulo 2^64
  unsent_memory_ += grown;
  hub_.memory_gate().add(static_cast<std::int64_t>(grown));
}

// What a request that waits for the rest of it, or for its turn, keeps has changed.
void Worker::count_text(Exchange& exchange) {
  const std::size_t grown = exchange.text_memory() - exchange.counted;  // modulo 2^64
  exchange.counted += grown;
  text_memory_ += grown;
  hub_.memory_gate().add(static_cast<std::int64_t>(grown));
}

bool Worker::lacks_memory_for(const Exchange& exchange) const {
  return hub_.memory_gate().is_shut() && exchange.text_size() > kRequestBytesWhenShort;
}

// Of a request that has not arrived completely: why it need not go on.
std::optional<http::Failure> Worker::objection(const Session& session) const {
  const std::size_t bytes = session.exchange->text_size();
  if (lacks_memory_for(*session.exchange)) return kNoMemory;
  const Config::Limits& limits = snapshot_->config().limits;
  const bool in_body = session.port == Port::kFront && session.exchange->parser.in_body();
  if (in_body && bytes > std::size_t{limits.target_bytes} + limits.header_bytes + kFrontBodyBytes) {
    return http::Failure{413, "this port has no use for a body"};
  }
  return std::nullopt;
}

}  // namespace comet

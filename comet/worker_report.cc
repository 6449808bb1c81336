// The half of Worker that says what it knows of its core and of the process, when it is asked.
#include "comet/descriptor_budget.h"
#include "comet/worker.h"
#include "reactor/process.h"

namespace comet {
namespace {

// A slab keeps a generation beside each object.
constexpr std::uint64_t kGenerationBytes = sizeof(std::uint32_t);

// Every connection and every subscriber takes a descriptor.
MemoryLimits memory_limits(const Config& config, std::uint64_t descriptors_max) {
  MemoryLimits limits;
  limits.connections = descriptors_max * (sizeof(Session) + kGenerationBytes);
  limits.subscribers = descriptors_max * (sizeof(Subscriber) + kGenerationBytes + sizeof(Seat));
  limits.channels = config.front.max_channels * (sizeof(Channel) + kGenerationBytes);
  if (config.limits.max_memory > 0) limits.total = config.limits.max_memory;
  return limits;
}

StateFacts state_facts(const StateStatus& status) {
  StateFacts facts;
  facts.saved_unix_s = status.saved_unix_s.load(std::memory_order_relaxed);
  facts.bytes = status.bytes.load(std::memory_order_relaxed);
  facts.channels = status.channels.load(std::memory_order_relaxed);
  facts.messages = status.messages.load(std::memory_order_relaxed);
  facts.duration_ms = status.duration_ms.load(std::memory_order_relaxed);
  facts.snapshots = status.snapshots.load(std::memory_order_relaxed);
  facts.errors = status.errors.load(std::memory_order_relaxed);
  return facts;
}

}  // namespace

void Worker::add_to(CoreReport& report) const {
  report.connections = sessions_.size();
  report.descriptors = sessions_.size() + loop_.descriptors();
  report.bytes_out = bytes_out_;
  report.turns = loop_.turns();
  report.memory += own_memory();
  // They belong to no core, and are to be in the sum once.
  if (core_ == 0) report.memory.history += shared_.broadcast_memory.load(std::memory_order_relaxed);
  for (std::size_t core = 0; core < shared_.mail.cores(); ++core) {
    report.mail.push_back({shared_.mail.longest(core_, core), backlog(core)});
  }
}

PeerFacts Worker::peer(std::uint32_t session) const {
  const reactor::Peer peer = reactor::peer_of(sessions_[session].connection.fd());
  PeerFacts facts;
  if (peer.endpoint) facts.address = peer.endpoint->to_string();
  facts.heard_ms = peer.heard_ms;
  return facts;
}

ServerFacts Worker::facts() const {
  ServerFacts facts;
  facts.pid = reactor::process_id();
  facts.started_unix_s = shared_.started.unix_s;
  facts.now_unix_s = now_.unix_s;
  facts.uptime_s = (now_.monotonic_us - shared_.started.monotonic_us) / 1'000'000;
  facts.phase = shared_.phase.load(std::memory_order_relaxed);
  facts.process_descriptors = process_descriptors(snapshot_->config());
  facts.descriptors_max = shared_.descriptors_max;
  facts.channels_max = snapshot_->config().front.max_channels;
  facts.front_connections = shared_.front_connections.taken();
  facts.front_connections_max = shared_.front_connections_max(snapshot_->config());
  facts.memory_limits = memory_limits(snapshot_->config(), shared_.descriptors_max);
  if (shared_.state_status != nullptr) facts.state = state_facts(*shared_.state_status);
  return facts;
}

}  // namespace comet

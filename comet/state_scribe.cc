#include "comet/state_scribe.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace comet {
namespace {

constexpr std::uint64_t kReserveRetryUs = 1'000'000;

}  // namespace

StateScribe::StateScribe(StateStore& store, StateExchange& exchange, StateStatus& status,
                         std::uint32_t interval_s, std::vector<reactor::Waker*> cores,
                         const reactor::Now& now)
    : store_(store),
      exchange_(exchange),
      status_(status),
      interval_us_(std::uint64_t{interval_s} * 1'000'000),
      cores_(std::move(cores)),
      now_(now) {
  publish_ceiling();
  if (interval_us_ > 0) next_snapshot_us_ = now_.monotonic_us + interval_us_;
}

void StateScribe::turn(const reactor::Now& now) {
  now_ = now;
  // Numbers first: cores may need them before a long snapshot is written.
  if (numbers_short() && reserve_again_us_ <= now_.monotonic_us) reserve_numbers();
  if (cores_missing_ == 0 && next_snapshot_us_ && *next_snapshot_us_ <= now_.monotonic_us) {
    begin_snapshot();
  }
  for (std::size_t core = 0; core < exchange_.from_cores.size(); ++core) receive(core);
}

bool StateScribe::has_work() const {
  for (const auto& from : exchange_.from_cores) {
    if (from->slices.front() != nullptr) return true;
  }
  return numbers_short() && reserve_again_us_ <= now_.monotonic_us;
}

std::optional<std::uint64_t> StateScribe::next_deadline_us() const {
  std::optional<std::uint64_t> next;
  if (cores_missing_ == 0) next = next_snapshot_us_;
  if (numbers_short()) next = std::min(next.value_or(reserve_again_us_), reserve_again_us_);
  return next;
}

void StateScribe::wake_cores() {
  for (reactor::Waker* core : cores_) core->wake();
}

// --- Numbers ----------------------------------------------------------------------------------

bool StateScribe::numbers_short() const {
  const std::uint64_t from = exchange_.watch_from.load(std::memory_order_relaxed);
  return std::ranges::any_of(exchange_.from_cores, [from](const auto& core) {
    return core->greatest_number.load(std::memory_order_acquire) >= from;
  });
}

void StateScribe::reserve_numbers() {
  std::uint64_t greatest = 0;
  for (const auto& from : exchange_.from_cores) {
    greatest = std::max(greatest, from->greatest_number.load(std::memory_order_acquire));
  }
  if (const auto error = store_.reserve(greatest)) {
    status_.errors.fetch_add(1, std::memory_order_relaxed);
    spdlog::error("{}", error->message);
    reserve_again_us_ = now_.monotonic_us + kReserveRetryUs;
    return;
  }
  publish_ceiling();
  // A broadcast may wait for it on a core that has nothing else to do.
  wake_cores();
}

void StateScribe::publish_ceiling() {
  exchange_.ceiling.store(store_.ceiling(), std::memory_order_relaxed);
  exchange_.watch_from.store(store_.reserve_from(), std::memory_order_release);
}

// --- Snapshots --------------------------------------------------------------------------------

void StateScribe::begin_snapshot() {
  begun_us_ = now_.monotonic_us;
  next_snapshot_us_ = now_.monotonic_us + interval_us_;
  auto snapshot = store_.begin_snapshot(now_.unix_s * 1000, StateStore::Completeness::kRunning);
  if (!snapshot) {
    status_.errors.fetch_add(1, std::memory_order_relaxed);
    spdlog::error("{}", snapshot.error());
    return;
  }
  snapshot_ = std::move(*snapshot);
  cores_missing_ = exchange_.from_cores.size();
  exchange_.snapshot.fetch_add(1, std::memory_order_release);
  wake_cores();
}

void StateScribe::receive(std::size_t core) {
  auto& slices = exchange_.from_cores[core]->slices;
  while (StateSlice* slice = slices.front()) {
    for (const ChannelRecord& channel : slice->channels) snapshot_->add(channel);
    const bool last = slice->last;
    slices.pop();
    if (last && --cores_missing_ == 0) finish_snapshot();
    if (numbers_short()) return;  // the next turn looks at them first
  }
}

void StateScribe::finish_snapshot() {
  const std::unique_ptr<StateSnapshot> snapshot = std::move(snapshot_);
  if (const auto error = snapshot->finish()) {
    status_.errors.fetch_add(1, std::memory_order_relaxed);
    spdlog::error("state_file {} {}", store_.path(), error->message);
    return;
  }
  const reactor::Now now = reactor::Now::read();
  status_.saved_unix_s.store(now.unix_s, std::memory_order_relaxed);
  status_.bytes.store(snapshot->bytes(), std::memory_order_relaxed);
  status_.channels.store(snapshot->written().channels, std::memory_order_relaxed);
  status_.messages.store(snapshot->written().messages, std::memory_order_relaxed);
  status_.duration_ms.store((now.monotonic_us - begun_us_) / 1000, std::memory_order_relaxed);
  status_.snapshots.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace comet

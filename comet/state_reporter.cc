#include "comet/state_reporter.h"

#include <utility>

namespace comet {
namespace {

constexpr ChannelWalk::Budget kSlice{2048, 4 << 20};
constexpr std::uint64_t kRetryUs = 1000;

}  // namespace

void StateReporter::begin_turn(const reactor::Now& now) {
  report_numbers();
  const std::uint64_t wanted = exchange_.snapshot.load(std::memory_order_acquire);
  if (wanted != snapshot_) {
    snapshot_ = wanted;
    walk_.emplace(home_);
    full_ = false;
  }
  if (walk_) walk(now);
}

void StateReporter::walk(const reactor::Now& now) {
  retry_us_.reset();
  if (!full_) {
    slice_ = StateSlice{};
    slice_.last = walk_->step(now, kSlice, slice_.channels);
    full_ = true;
  }
  const bool last = slice_.last;
  if (!out_.slices.push(std::move(slice_))) {
    retry_us_ = now.monotonic_us + kRetryUs;
    return;
  }
  exchange_.writer->wake();
  full_ = false;
  if (last) walk_.reset();
}

void StateReporter::report_numbers() {
  const std::uint64_t watch_from = exchange_.watch_from.load(std::memory_order_acquire);
  if (watch_from != watch_from_) {
    watch_from_ = watch_from;
    home_.watch_numbers(watch_from, exchange_.ceiling.load(std::memory_order_relaxed));
  }
  if (!has_news_of_numbers()) return;
  // The writer is woken once; while it can't write, it looks again by itself.
  const bool first = reported_ < watch_from_;
  reported_ = home_.greatest_watched();
  out_.greatest_number.store(reported_, std::memory_order_release);
  if (first) exchange_.writer->wake();
}

}  // namespace comet

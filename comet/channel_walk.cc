#include "comet/channel_walk.h"

#include <algorithm>
#include <utility>

namespace comet {

bool ChannelWalk::step(const reactor::Now& now, Budget budget,
                       std::vector<ChannelRecord>& records) {
  while (slot_ < home_.slots()) {
    if (budget.looks == 0 || budget.bytes == 0) return false;
    const Channel* channel = home_.channel_at(slot_);
    const bool begun = record_ && generation_ == home_.generation_at(slot_);
    if (!begun) --budget.looks;  // to go on with one costs nothing, so any budget gets ahead
    if (channel == nullptr) {
      record_.reset();
      ++slot_;
      continue;
    }
    if (!begun) begin(*channel);
    if (!copy(*channel, budget)) return false;
    complete(*channel, now);
    records.push_back(std::move(*record_));
    record_.reset();
    ++slot_;
  }
  return true;
}

void ChannelWalk::begin(const Channel& channel) {
  record_.emplace();
  record_->name = channel.name.text;
  record_->token = channel.token;
  generation_ = home_.generation_at(slot_);
  copied_ = 0;
}

bool ChannelWalk::copy(const Channel& channel, Budget& budget) {
  if (channel.salvage) {
    for (const History& run : channel.salvage->runs()) {
      if (!copy_run(run, budget)) return false;
    }
  }
  return copy_run(channel.history, budget);
}

bool ChannelWalk::copy_run(const History& run, Budget& budget) {
  std::uint64_t seq = std::max(copied_, run.begin());
  if (seq >= run.next()) return true;
  std::vector<History>& runs = record_->runs;
  if (runs.empty() || runs.back().next() != seq) runs.emplace_back(seq);
  for (; seq < run.next() && budget.looks > 0 && budget.bytes > 0; ++seq) {
    const MessageRef& message = run.at(seq);
    runs.back().append(message);
    --budget.looks;
    budget.bytes -= std::min<std::uint64_t>(budget.bytes, message->content().size());
  }
  copied_ = seq;
  return seq == run.next();
}

void ChannelWalk::complete(const Channel& channel, const reactor::Now& now) {
  // What the channel has dropped since it was copied.
  std::vector<History>& runs = record_->runs;
  const auto first_kept =
      std::ranges::find_if(runs, [&](const History& run) { return run.next() > channel.oldest(); });
  runs.erase(runs.begin(), first_kept);
  if (!runs.empty()) {
    while (runs.front().begin() < channel.oldest()) runs.front().drop_oldest();
  }
  record_->next = channel.history.next();
  record_->had_subscribers = channel.subscribers > 0;
  const auto lives_ms = static_cast<std::int64_t>(channel.deadline_ms) -
                        static_cast<std::int64_t>(now.monotonic_ms());
  record_->expires_unix_ms = now.unix_s * 1000 + std::max<std::int64_t>(lives_ms, 0);
}

}  // namespace comet

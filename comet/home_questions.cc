// The half of Home that answers questions: about itself, about one channel, about all of them.
#include <algorithm>
#include <utility>

#include "comet/home.h"

namespace comet {

void Home::add_to(CoreReport& report) const {
  report.channels = channels_.size();
  report.messages_in = messages_in_;
  report.memory += memory();
  report.memory_state = memory_gate_.state();
}

MemoryUse Home::memory() const {
  MemoryUse use;
  use.channels = channels_.memory() + names_.memory() + name_memory_;
  use.history = history_memory_;
  return use;
}

std::optional<ChannelReport::Home> Home::describe(const ChannelName& name) const {
  const std::uint32_t index = find(name);
  if (index == reactor::kNoIndex) return std::nullopt;
  const Channel& channel = channels_[index];
  ChannelReport::Home home;
  home.subscribers = channel.subscribers;
  home.first_seq = channel.oldest();
  home.next_seq = channel.history.next();
  home.messages = channel.buffered();
  home.bytes = channel.bytes();
  home.age_s = now_s() - channel.created_s;
  if (channel.last_message_s != 0) home.last_message_age_s = now_s() - channel.last_message_s;
  // Rounded up: it is still there when it says 1.
  if (channel.subscribers == 0) {
    home.expires_s = (std::max(channel.deadline_ms, now_ms_) - now_ms_ + 999) / 1000;
  }
  return home;
}

void Home::begin_listing(std::size_t from, Ref survey, ListingQuery query) {
  listings_.push_back({from, survey, ChannelScan(std::move(query)), 0});
}

// Objects of a slab never move, so a channel that is there all the time is met exactly once.
bool Home::list_some(std::size_t budget) {
  while (!listings_.empty()) {
    Listing& listing = listings_.front();
    const std::uint32_t end = channels_.index_end();
    for (; budget > 0 && listing.next_index < end; --budget, ++listing.next_index) {
      if (channels_.is_live(listing.next_index)) offer(listing.scan, channels_[listing.next_index]);
    }
    if (listing.next_index < end) return true;
    auto page = std::make_unique<ChannelPage>(listing.scan.take());
    outbox_.send(listing.from, SurveyReply{listing.survey, std::move(page)});
    listings_.pop_front();
  }
  return false;
}

void Home::offer(ChannelScan& scan, const Channel& channel) {
  if (!scan.wants(channel.name.text, channel.subscribers)) return;
  scan.keep({{channel.subscribers, channel.name.text},
             channel.history.next(),
             channel.buffered(),
             channel.bytes()});
}

}  // namespace comet

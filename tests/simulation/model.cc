#include "tests/simulation/model.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace simulation {
namespace {

std::uint64_t count_of(const std::map<std::string, std::uint64_t>& counts,
                       const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

void ModelChannel::keep_newest(std::uint64_t buffer_size) {
  auto oldest = messages.end();
  for (; buffer_size > 0 && oldest != messages.begin(); --buffer_size) --oldest;
  kept_from = std::max(kept_from, oldest == messages.end() ? next() : oldest->first);
}

std::uint64_t ModelChannel::goes_on(std::uint64_t number) const {
  const auto found = messages.lower_bound(number);
  return found == messages.end() ? next() : found->first;
}

bool ModelChannel::would_grow(const std::string& content, std::uint64_t buffer_size,
                              std::uint64_t first) const {
  if (buffer_size == 0) return false;
  const auto begin = messages.lower_bound(std::max(first, kept_from));
  const auto kept = static_cast<std::uint64_t>(std::distance(begin, messages.end()));
  if (kept < buffer_size) return true;
  // A broadcast is not this channel's to hold, and its end frees nothing.
  const Published& oldest = begin->second;
  return oldest.type == comet::Message::Type::kBroadcast || content.size() > oldest.content.size();
}

ModelChannel* Model::living(const std::string& name) {
  const auto found = living_.find(name);
  return found == living_.end() ? nullptr : found->second;
}

ModelChannel& Model::living_or_new(const std::string& name, std::uint64_t now_ms,
                                   std::uint64_t timeout_ms) {
  ModelChannel*& channel = living_[name];
  if (channel == nullptr) {
    channel = &channels_.emplace_back();
    channel->name = name;
    channel->next_number = first_number_;
    channel->touched_ms = now_ms;
    channel->lives_ms = timeout_ms;
    ++appeared_[name];
  }
  return *channel;
}

void Model::publish(ModelChannel& channel, Published&& message) {
  greatest_number_ = std::max(greatest_number_, channel.next_number);
  channel.messages.emplace(channel.next_number++, std::move(message));
}

void Model::end() {
  while (!living_.empty()) forget(living_.begin()->first);
}

void Model::restore(const SavedChannel& saved, std::uint64_t now_ms, std::uint64_t lives_ms) {
  ModelChannel& channel = channels_.emplace_back(saved.channel);
  channel.next_number = std::max(channel.next_number, first_number_);
  channel.touched_ms = now_ms;
  channel.lives_ms = lives_ms;
  living_[channel.name] = &channel;
  ++appeared_[channel.name];
}

void Model::forget(const std::string& name) {
  ++vanished_[name];
  living_.erase(name);
}

std::uint64_t Model::appeared(const std::string& name) const { return count_of(appeared_, name); }
std::uint64_t Model::vanished(const std::string& name) const { return count_of(vanished_, name); }

}  // namespace simulation

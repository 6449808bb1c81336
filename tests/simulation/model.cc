#include "tests/simulation/model.h"

#include <algorithm>

namespace simulation {
namespace {

std::uint64_t count_of(const std::map<std::string, std::uint64_t>& counts,
                       const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

std::uint64_t ModelChannel::oldest(std::uint64_t buffer_size) const {
  return std::max(cleared, next() - std::min(buffer_size, next() - 1));
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
    channel->touched_ms = now_ms;
    channel->lives_ms = timeout_ms;
    ++appeared_[name];
  }
  return *channel;
}

void Model::forget(const std::string& name) {
  living_.erase(name);
  ++vanished_[name];
}

std::uint64_t Model::appeared(const std::string& name) const { return count_of(appeared_, name); }
std::uint64_t Model::vanished(const std::string& name) const { return count_of(vanished_, name); }

}  // namespace simulation

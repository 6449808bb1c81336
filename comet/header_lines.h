// Lines of a response's head that only some subscribers have, until that head is written.
//
// Part of Audiences. Most subscribers have none, so they are kept beside their records. What a
// client said of itself can be in them, so their size counts.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "comet/text_memory.h"

namespace comet {

class HeaderLines {
 public:
  // Each with its CRLF, perhaps none. A subscriber that is new.
  void keep(std::uint32_t subscriber, std::string&& lines) {
    if (lines.empty()) return;
    const auto [place, added] = lines_.emplace(subscriber, std::move(lines));
    text_memory_ += memory_of(place->second);
  }

  [[nodiscard]] std::string_view of(std::uint32_t subscriber) const {
    if (lines_.empty()) return {};
    const auto found = lines_.find(subscriber);
    return found == lines_.end() ? std::string_view() : found->second;
  }

  // Also of a subscriber that has none.
  void forget(std::uint32_t subscriber) {
    if (lines_.empty()) return;
    const auto found = lines_.find(subscriber);
    if (found == lines_.end()) return;
    text_memory_ -= memory_of(found->second);
    lines_.erase(found);
  }

  [[nodiscard]] std::size_t memory() const {
    constexpr std::size_t kSlotBytes = sizeof(decltype(lines_)::value_type) + 1;
    return lines_.capacity() * kSlotBytes + text_memory_;
  }

 private:
  absl::flat_hash_map<std::uint32_t, std::string> lines_;  // by subscriber
  std::size_t text_memory_ = 0;
};

}  // namespace comet

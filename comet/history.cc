#include "comet/history.h"

#include <algorithm>
#include <bit>

namespace comet {
namespace {

constexpr std::uint32_t kFirstCapacity = 4;

}  // namespace

void History::grow() { move_to(capacity_ == 0 ? kFirstCapacity : capacity_ * 2); }

void History::keep_newest(std::uint32_t count) {
  if (count == 0) {
    clear();
    return;
  }
  while (size_ > count) drop_oldest();
  const std::uint32_t capacity = std::max(std::bit_ceil(size_), kFirstCapacity);
  if (capacity < capacity_) move_to(capacity);
}

void History::move_to(std::uint32_t capacity) {
  auto ring = std::make_unique<MessageRef[]>(capacity);
  for (std::uint64_t number = begin(); number < next_; ++number) {
    ring[number & (capacity - 1)] = std::move(slot(number));
  }
  ring_ = std::move(ring);
  capacity_ = capacity;
}

}  // namespace comet

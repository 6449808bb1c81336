#include "comet/history.h"

namespace comet {

void History::grow() {
  constexpr std::uint32_t kFirstCapacity = 4;
  const std::uint32_t capacity = capacity_ == 0 ? kFirstCapacity : capacity_ * 2;
  auto ring = std::make_unique<MessageRef[]>(capacity);
  for (std::uint64_t number = begin(); number < next_; ++number) {
    ring[number & (capacity - 1)] = std::move(slot(number));
  }
  ring_ = std::move(ring);
  capacity_ = capacity;
}

}  // namespace comet

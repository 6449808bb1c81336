#include "comet/held_answer.h"

#include "reactor/check.h"

namespace comet {

void HeldAnswer::append_body(std::string& out) const {
  std::string objects;
  for (const std::string& held : by_place_) {
    if (!held.empty() && !objects.empty()) objects.push_back(',');
    objects.append(held);
  }
  const bool single = objects_ == 1 && form_ == PollForm::kLive;
  append_poll_body(out, wrap(), single ? PollBody::kObject : PollBody::kArray, objects);
}

void HeldAnswer::validate() const {
  std::size_t bytes = 0;
  std::size_t memory = request_.memory();
  for (const std::string& held : by_place_) {
    bytes += held.size();
    memory += memory_of(held);
  }
  CHECK(bytes == bytes_);
  CHECK(memory == memory_);
  CHECK((bytes == 0) == is_empty());
}

}  // namespace comet

#include "comet/message.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

#include "http/json.h"
#include "reactor/check.h"

namespace comet {

BroadcastMemory* Message::counted_in() const {
  if (type_ != Type::kBroadcast) return nullptr;
  BroadcastMemory* memory = nullptr;
  std::memcpy(&memory, bytes() + size_, sizeof memory);
  return memory;
}

std::uint64_t Message::broadcast_memory() const {
  return sizeof(Message) + size_ + sizeof(BroadcastMemory*);
}

MessageRef MessageRef::make(Message::Type type, std::string_view content,
                            std::uint64_t received_us) {
  CHECK(content.size() <= std::numeric_limits<std::uint32_t>::max());
  BroadcastMemory* const nowhere = nullptr;
  const std::size_t behind = type == Message::Type::kBroadcast ? sizeof nowhere : 0;
  void* memory = ::operator new(sizeof(Message) + content.size() + behind);
  auto* message = new (memory)
      Message(type, static_cast<std::uint32_t>(content.size()), http::needs_iframe_escape(content),
              static_cast<std::uint32_t>(received_us));
  std::copy(content.begin(), content.end(), message->bytes());
  std::memcpy(message->bytes() + content.size(), &nowhere, behind);
  return MessageRef(message);
}

std::uint64_t MessageRef::count_in(BroadcastMemory& memory) {
  CHECK(message_->type() == Message::Type::kBroadcast);
  if (message_->counted_in() != nullptr) return 0;
  BroadcastMemory* const there = &memory;
  std::memcpy(message_->bytes() + message_->size_, &there, sizeof there);
  memory.fetch_add(message_->broadcast_memory(), std::memory_order_relaxed);
  return message_->broadcast_memory();
}

void MessageRef::release() {
  // The last release must see all that others did with the message before theirs.
  if (message_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    if (BroadcastMemory* memory = message_->counted_in(); memory != nullptr) {
      memory->fetch_sub(message_->broadcast_memory(), std::memory_order_relaxed);
    }
    message_->~Message();
    ::operator delete(message_);
  }
}

}  // namespace comet

#include "comet/message.h"

#include <algorithm>
#include <limits>
#include <new>

#include "http/json.h"
#include "reactor/check.h"

namespace comet {

MessageRef MessageRef::make(Message::Type type, std::string_view content,
                            std::uint64_t received_us) {
  CHECK(content.size() <= std::numeric_limits<std::uint32_t>::max());
  void* memory = ::operator new(sizeof(Message) + content.size());
  auto* message = new (memory)
      Message(type, static_cast<std::uint32_t>(content.size()), http::needs_iframe_escape(content),
              static_cast<std::uint32_t>(received_us));
  std::copy(content.begin(), content.end(), reinterpret_cast<char*>(message + 1));
  return MessageRef(message);
}

void MessageRef::release() {
  // The last release must see all that others did with the message before theirs.
  if (message_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    message_->~Message();
    ::operator delete(message_);
  }
}

}  // namespace comet

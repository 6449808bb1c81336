// What was published: immutable, shared by every history, window and core that holds it.
//
// A message carries no number and no channel name: its number is its place in a History, and the
// name belongs to the channel. So a broadcast is one object, however many channels it goes to.
// The content is stored ready to stand between the quotes of a JSON string (API.md section 3).
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <utility>

namespace comet {

// Bytes of all broadcasts that live: they belong to no channel and to no core. Shared by all cores,
// touched when a broadcast begins and when the last reference to it goes; it outlives them.
using BroadcastMemory = std::atomic<std::uint64_t>;

class Message {
 public:
  enum class Type : std::uint8_t { kData, kBroadcast };

  [[nodiscard]] Type type() const { return type_; }
  [[nodiscard]] std::string_view content() const { return {bytes(), size_}; }
  // Bytes that a history or window counts as its own. Those of a broadcast, which is in
  // many, are counted once: see MessageRef::count_in().
  [[nodiscard]] std::uint64_t own_memory() const {
    return type_ == Type::kData ? sizeof(Message) + size_ : 0;
  }
  // Whether the content must be escaped once more to stand in a <script> element.
  [[nodiscard]] bool could_end_script() const { return could_end_script_; }
  // When it was received: the low half of CLOCK_MONOTONIC's microseconds, at the beginning of the
  // turn that parsed it. Differences are right for an hour.
  [[nodiscard]] std::uint32_t received_us_low() const { return received_us_low_; }

  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

 private:
  friend class MessageRef;
  Message(Type type, std::uint32_t size, bool could_end_script, std::uint32_t received_us_low)
      : size_(size),
        received_us_low_(received_us_low),
        type_(type),
        could_end_script_(could_end_script) {}
  [[nodiscard]] const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  // Behind the content of a broadcast: where it counts. Not aligned.
  [[nodiscard]] BroadcastMemory* counted_in() const;
  [[nodiscard]] std::uint64_t broadcast_memory() const;

  std::atomic<std::uint32_t> references_{1};
  std::uint32_t size_;
  std::uint32_t received_us_low_;
  Type type_;
  bool could_end_script_;
  // The content follows, and of a broadcast where it counts.
};

// A counted reference; the only shared owner there is. May be handed to another core. Counting is
// per core and message, never per subscriber.
class MessageRef {
 public:
  MessageRef() = default;
  // One allocation. `content` is JSON-escaped already, at most 4 GiB.
  static MessageRef make(Message::Type type, std::string_view content,
                         std::uint64_t received_us = 0);

  // A broadcast counts there from now on until it dies. Returns how much, which is nothing if it
  // does so already. Before it is known to another core.
  std::uint64_t count_in(BroadcastMemory& memory);

  MessageRef(const MessageRef& other) : message_(other.message_) {
    if (message_ != nullptr) message_->references_.fetch_add(1, std::memory_order_relaxed);
  }
  MessageRef(MessageRef&& other) noexcept : message_(std::exchange(other.message_, nullptr)) {}
  MessageRef& operator=(MessageRef other) noexcept {
    std::swap(message_, other.message_);
    return *this;
  }
  ~MessageRef() {
    if (message_ != nullptr) release();
  }

  const Message& operator*() const { return *message_; }
  const Message* operator->() const { return message_; }
  explicit operator bool() const { return message_ != nullptr; }

  // Tests: how many hold the message, this reference included.
  [[nodiscard]] std::uint32_t references() const {
    return message_->references_.load(std::memory_order_relaxed);
  }

 private:
  explicit MessageRef(Message* message) : message_(message) {}
  void release();

  Message* message_ = nullptr;
};

}  // namespace comet

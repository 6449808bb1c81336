// What must be true of the channels, in the plainest terms: a channel is a list of messages.
//
// Owned by a simulation, which tells it what happens at each home, in the order in which it
// happens there. Names stand here as in JSON.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "comet/message.h"
#include "comet/token.h"

namespace simulation {

struct Published {
  comet::Message::Type type;
  std::string content;
};

// A channel from its creation, or from a start of the server, until it is closed, expires, or the
// server ends.
struct ModelChannel {
  std::string name;
  std::map<std::uint64_t, Published> messages;  // by number; what a crash took is not among them
  std::uint64_t next_number = 1;
  std::uint64_t kept_from = 1;  // older ones are forgotten
  std::uint64_t touched_ms = 0;
  std::uint64_t lives_ms = 0;  // at least that long after it was touched
  std::optional<comet::Token> token;
  bool closed = false;

  [[nodiscard]] std::uint64_t next() const { return next_number; }
  // No more than so many messages: what a larger buffer might have kept is gone for good.
  void keep_newest(std::uint64_t buffer_size);
  [[nodiscard]] bool has(std::uint64_t number) const { return messages.contains(number); }
  // The number of the first message from that one on, or the next one.
  [[nodiscard]] std::uint64_t goes_on(std::uint64_t number) const;
  // Whether a buffer that holds this one, too, holds more than before. Of numbers from `first` on.
  [[nodiscard]] bool would_grow(const std::string& content, std::uint64_t buffer_size,
                                std::uint64_t first) const;
};

// What a snapshot has of a channel.
struct SavedChannel {
  ModelChannel channel;  // with no more messages than are kept
  bool had_subscribers = false;
};

class Model {
 public:
  [[nodiscard]] ModelChannel* living(const std::string& name);
  ModelChannel& living_or_new(const std::string& name, std::uint64_t now_ms,
                              std::uint64_t timeout_ms);
  void publish(ModelChannel& channel, Published&& message);
  // It is gone: closed, or expired.
  void forget(const std::string& name);

  // The server ends, and all channels with it.
  void end();
  // Another one begins: new channels begin at that number.
  void begin(std::uint64_t first_number) { first_number_ = first_number; }
  void restore(const SavedChannel& saved, std::uint64_t now_ms, std::uint64_t lives_ms);

  [[nodiscard]] std::uint64_t first_number() const { return first_number_; }
  // Of all numbers that any server ever gave out in any channel.
  [[nodiscard]] std::uint64_t greatest_number() const { return greatest_number_; }
  [[nodiscard]] const std::map<std::string, ModelChannel*>& all() const { return living_; }
  // How often a channel of that name came, and went.
  [[nodiscard]] std::uint64_t appeared(const std::string& name) const;
  [[nodiscard]] std::uint64_t vanished(const std::string& name) const;

 private:
  std::deque<ModelChannel> channels_;  // of all times: peers remember theirs
  std::map<std::string, ModelChannel*> living_;
  std::map<std::string, std::uint64_t> appeared_;
  std::map<std::string, std::uint64_t> vanished_;
  std::uint64_t first_number_ = 1;
  std::uint64_t greatest_number_ = 0;
};

}  // namespace simulation

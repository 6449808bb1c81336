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

// A channel from its creation until it is closed or expires.
struct ModelChannel {
  std::string name;
  std::vector<Published> messages;  // the first has number 1
  std::uint64_t cleared = 1;        // older ones are forgotten
  std::uint64_t touched_ms = 0;
  std::uint64_t lives_ms = 0;  // at least that long after it was touched
  std::optional<comet::Token> token;
  bool closed = false;

  [[nodiscard]] std::uint64_t next() const { return messages.size() + 1; }
  // The oldest number that a replay buffer of that many messages holds.
  [[nodiscard]] std::uint64_t oldest(std::uint64_t buffer_size) const;
};

class Model {
 public:
  [[nodiscard]] ModelChannel* living(const std::string& name);
  ModelChannel& living_or_new(const std::string& name, std::uint64_t now_ms,
                              std::uint64_t timeout_ms);
  // It is gone: closed, or expired.
  void forget(const std::string& name);

  [[nodiscard]] const std::map<std::string, ModelChannel*>& all() const { return living_; }
  // How often a channel of that name came, and went.
  [[nodiscard]] std::uint64_t appeared(const std::string& name) const;
  [[nodiscard]] std::uint64_t vanished(const std::string& name) const;

 private:
  std::deque<ModelChannel> channels_;  // of all times: peers remember theirs
  std::map<std::string, ModelChannel*> living_;
  std::map<std::string, std::uint64_t> appeared_;
  std::map<std::string, std::uint64_t> vanished_;
};

}  // namespace simulation

// One subscriber of a simulation: what it asked for, and what the model says it must get.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "comet/audiences.h"
#include "tests/simulation/model.h"

namespace simulation {

enum class Admission : std::uint8_t {
  kUnknown,      // its home has not heard of it yet
  kIn,           //
  kFull,         //
  kPerhapsFull,  // its home may learn with its request that somebody left
  kTooManyChannels,
  kTokenError,
  kOverloaded,  // too much waits for its home
  kMemoryFull,
  kAbsent,  // it only looks on, and the channel is not there
};

struct Peer {
  std::size_t number = 0;  // in the journal
  std::size_t core = 0;
  std::uint32_t session = 0;
  std::string name;  // of its channel, as in JSON
  comet::SubscribeRequest request;
  Admission admission = Admission::kUnknown;
  ModelChannel* channel = nullptr;
  std::uint64_t start = 0;        // the first number that it gets
  std::uint64_t joined_at = 0;    // the next number when its home let it in
  std::uint64_t waits_until = 0;  // where what a poll finds waiting ends
  bool ends_at_gap = false;       // a poll gets nothing from there on
  bool in_parts = false;          // its history may come in parts: a poll may get less
  bool bundled = false;           // one of several channels on a connection
  bool tell_next = false;         // it must be told first at which number it begins
  bool seated = false;            // its core has heard from the home
  bool left = false;              // what it got need not be complete
  bool hindered = false;          // its socket was full at some time
  bool finished = false;          // its response has ended, or its part in one
  std::uint64_t heard_ms = 0;     // when it got something last
  // Of its channel and core, when it came: none had left. They are looked for where few may come.
  std::optional<std::vector<const Peer*>> ahead;

  // Those of /tail change nothing about the channel.
  [[nodiscard]] bool observes() const { return comet::is_observer(request.framing.transport); }
  [[nodiscard]] bool is_poll() const {
    return request.framing.transport == comet::Transport::kPoll;
  }
};

}  // namespace simulation

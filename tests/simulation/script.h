// What happens in one simulated life of a server: made from a seed, before anything runs.
//
// An action says what to do and carries its own luck; whom it concerns is found when it is done.
// So any part of a script is a script, which is what makes a failure short enough to read.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "comet/hub_settings.h"
#include "comet/state_store.h"
#include "tests/simulation/dice.h"

namespace simulation {

enum class Verb : std::uint8_t {
  kDeliver,    // the oldest message of one mailbox arrives
  kEndTurn,    // a core's turn ends: sweeps, timers
  kPublish,    //
  kBroadcast,  //
  kBatch,      // many messages in one request
  kSubscribe,  // anybody, with any seq
  kCrowd,      // so many at once that a sweep needs several turns for them
  kBundle,     // a subscriber of several channels, or a WebSocket
  kAdd,        // a WebSocket's client subscribes to one more
  kDrop,       // and unsubscribes
  kComeBack,   // a client whose server ended asks the new one for what follows
  kPollAgain,  // a client whose poll was answered asks for what follows, on the same connection
  kWatch,      // somebody asks for /psub
  kRead,       // a peer's socket takes some bytes more
  kStall,      // a peer's socket takes only so many bytes from now on
  kDie,        // a peer will be gone after so many bytes more
  kLeave,      // a peer's connection is seen to be closed
  kHalfClose,  // a peer will send no more
  kClose,      //
  kClear,      //
  kSign,       //
  kInspect,    //
  kJam,        // a mailbox fills up: nothing arrives, and its sender sees the backlog
  kAdvance,    // some milliseconds
  kLeap,       // some seconds
  kDrain,      // a core begins to send its subscribers away
  kReload,     // another configuration: what happens to those who are slow, and perhaps limits
  kMemory,     // the server gets another budget of memory, or none
  kWrite,      // the state's writer has a turn
  kDisk,       // the state's disk fills up, after some operations more, or has room again
  kRestart,    // the server stops, saves its state, and another one goes on with it
  kCrash,      // it ends as it is, and another one has the last snapshot
  kSettle,     // everything under way arrives, everybody reads, and all must be complete
};
std::string_view name_of(Verb verb);

struct Action {
  Verb verb;
  std::uint64_t luck;
};

struct Plan {
  std::size_t cores;
  std::size_t channel_names;
  comet::HubSettings settings;
  comet::StateStore::Steps number_steps;
  std::uint32_t snapshot_interval_s;  // 0: none but at the end
  std::size_t longest_content;        // bytes, of those few that are long; 0: none is
  std::vector<Action> script;
};

inline constexpr std::uint32_t kLongestRestUs = 5000;

// Draws what kReload may change.
void reload(comet::HubSettings& settings, Dice& dice);

Plan plan(std::uint64_t seed);

}  // namespace simulation

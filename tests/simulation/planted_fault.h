// Faults that are planted around the hubs, to see that the simulation finds them.
//
// A fault distorts what passes between hubs, or between them and their world, once in a run, at a
// moment that depends on the seed. Faults within the hubs are in planted_faults/.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "comet/hub_message.h"
#include "tests/simulation/state_keeping.h"
#include "tests/support/hub_world.h"

namespace simulation {

enum class Fault : std::uint8_t {
  kNone,
  kLostMessage,
  kRepeatedMessage,
  kSwappedMessages,
  kMessageBeforeJoined,
  kShortBacklog,
  kLostJoined,
  kLostLeave,
  kRepeatedLeave,
  kLostClose,
  kLostAnswer,
  kWrongNumber,
  kLostSurveyReply,
  kLostPresence,
  kKeptReference,
  kRepeatedByte,
  kSkippedByte,
  kLostWakeUp,
  kSwappedResults,
  kLostReport,
  kLostRecord,
  kLostSnapshot,
  kLostLedger,
  kStuckGate,
};

struct FaultRow {
  Fault fault;
  std::string_view name;
  std::string_view does;
};
std::span<const FaultRow> faults();

// Owned by a simulation; outlives the world's use of its hooks.
class Saboteur {
 public:
  // Acts at the n-th opportunity, counted from zero.
  Saboteur(Fault fault, std::uint64_t n, support::HubWorld& world);
  // Of every life of the server.
  void sabotage_wires(support::HubWorld& world);
  void sabotage(StateKeeping& state);
  // Whether this core, which is short of memory, is not told what there is.
  bool keeps_news_of_memory(std::size_t core);
  Saboteur(const Saboteur&) = delete;
  Saboteur& operator=(const Saboteur&) = delete;

 private:
  bool is_due() { return n_-- == 0; }
  void distort_post(std::deque<support::HubWorld::Envelope>& lane);
  void distort_sent(comet::Sent& sent, std::size_t size);

  Fault fault_;
  std::uint64_t n_;
  support::HubWorld& world_;
  std::set<std::size_t> stuck_;  // cores
  std::vector<comet::MessageRef> kept_;
};

}  // namespace simulation

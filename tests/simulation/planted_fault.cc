#include "tests/simulation/planted_fault.h"

#include <array>
#include <utility>

namespace simulation {
namespace {

using comet::Deliver;
using comet::Joined;
using Lane = std::deque<support::HubWorld::Envelope>;

constexpr std::array kFaults{
    FaultRow{Fault::kLostMessage, "lost message", "a Deliver gets lost between two cores"},
    FaultRow{Fault::kRepeatedMessage, "repeated message", "a Deliver arrives twice"},
    FaultRow{Fault::kSwappedMessages, "swapped messages", "two Delivers trade places"},
    FaultRow{Fault::kMessageBeforeJoined, "message before joined",
             "a Deliver overtakes the Joined that it must follow"},
    FaultRow{Fault::kShortBacklog, "short backlog", "a backlog lacks its oldest message"},
    FaultRow{Fault::kLostJoined, "lost joined", "a home's answer to a Join gets lost"},
    FaultRow{Fault::kLostLeave, "lost leave", "a home is not told that subscribers left"},
    FaultRow{Fault::kRepeatedLeave, "repeated leave", "a home is told so twice"},
    FaultRow{Fault::kLostClose, "lost close", "a core is not told of a /close"},
    FaultRow{Fault::kLostAnswer, "lost answer", "the answer to a command gets lost"},
    FaultRow{Fault::kWrongNumber, "wrong number", "an answer names the number behind its own"},
    FaultRow{Fault::kLostSurveyReply, "lost survey reply", "one core's reply gets lost"},
    FaultRow{Fault::kLostPresence, "lost presence", "a line of /psub gets lost between two cores"},
    FaultRow{Fault::kKeptReference, "kept reference", "somebody keeps a message for good"},
    FaultRow{Fault::kRepeatedByte, "repeated byte",
             "after a short write, the last byte is sent again"},
    FaultRow{Fault::kSkippedByte, "skipped byte", "after a short write, a byte is left out"},
    FaultRow{Fault::kLostWakeUp, "lost wake-up", "nobody says that a socket has room again"},
    FaultRow{Fault::kSwappedResults, "swapped results",
             "in a home's report, the results of two messages trade places"},
    FaultRow{Fault::kLostReport, "lost report", "a home's report of its part of a batch gets lost"},
    FaultRow{Fault::kLostRecord, "lost record", "a snapshot lacks a channel"},
    FaultRow{Fault::kLostSnapshot, "lost snapshot",
             "a snapshot that the disk has taken is not there after the end"},
    FaultRow{Fault::kLostLedger, "lost ledger",
             "a ledger of numbers that the disk has taken is not there after the end"},
    FaultRow{Fault::kStuckGate, "stuck gate",
             "a core that is short of memory is never told that there is some again"},
};

template <class Word>
bool says(const support::HubWorld::Envelope& envelope) {
  return std::holds_alternative<Word>(envelope.message);
}

}  // namespace

std::span<const FaultRow> faults() { return kFaults; }

Saboteur::Saboteur(Fault fault, std::uint64_t n, support::HubWorld& world)
    : fault_(fault), n_(n), world_(world) {
  if (fault == Fault::kNone) return;
  world.after_post = [this, &world](std::size_t from, std::size_t to) {
    distort_post(world.lane(from, to));
  };
  if (fault == Fault::kLostWakeUp) world.lose_writable = [this] { return is_due(); };
}

void Saboteur::sabotage_wires(support::HubWorld& world) {
  if (fault_ != Fault::kRepeatedByte && fault_ != Fault::kSkippedByte) return;
  for (std::size_t core = 0; core < world.cores(); ++core) {
    world.wire(core).distort_sent = [this](comet::Sent& sent, std::size_t size) {
      distort_sent(sent, size);
    };
  }
}

void Saboteur::sabotage(StateKeeping& state) {
  if (fault_ == Fault::kLostRecord) {
    state.distort_slice = [this](comet::StateSlice& slice) {
      if (!slice.channels.empty() && is_due()) slice.channels.pop_back();
    };
  }
  if (fault_ != Fault::kLostSnapshot && fault_ != Fault::kLostLedger) return;
  state.platter().lose_commit = [this](const std::string& path) {
    const bool ledger = path.ends_with(".numbers");
    return ledger == (fault_ == Fault::kLostLedger) && is_due();
  };
}

bool Saboteur::keeps_news_of_memory(std::size_t core) {
  if (fault_ != Fault::kStuckGate) return false;
  const comet::MemoryGate& gate = world_.hub_as_it_is(core).memory_gate();
  if (gate.state() == comet::MemoryState::kShort && is_due()) stuck_.insert(core);
  return stuck_.contains(core);
}

void Saboteur::distort_sent(comet::Sent& sent, std::size_t size) {
  const bool is_short = sent.bytes > 1 && sent.bytes < size;
  if (!is_short || !is_due()) return;
  sent.bytes += fault_ == Fault::kRepeatedByte ? -1 : 1;
}

void Saboteur::distort_post(Lane& lane) {
  support::HubWorld::Envelope& posted = lane.back();
  const auto lose = [&]<class Word>(std::type_identity<Word>) {
    if (says<Word>(posted) && is_due()) lane.pop_back();
  };
  const auto repeat = [&]<class Word>(std::type_identity<Word>) {
    if (!says<Word>(posted) || !is_due()) return;
    lane.push_back({Word(std::get<Word>(posted.message)), posted.tag});
  };
  const auto swap_behind = [&]<class Word>(std::type_identity<Word>) {
    if (lane.size() < 2 || !says<Deliver>(posted) || !says<Word>(lane[lane.size() - 2])) return;
    if (is_due()) std::swap(posted, lane[lane.size() - 2]);
  };
  switch (fault_) {
    case Fault::kLostMessage:
      lose(std::type_identity<Deliver>{});
      break;
    case Fault::kRepeatedMessage:
      repeat(std::type_identity<Deliver>{});
      break;
    case Fault::kSwappedMessages:
      swap_behind(std::type_identity<Deliver>{});
      break;
    case Fault::kMessageBeforeJoined:
      swap_behind(std::type_identity<Joined>{});
      break;
    case Fault::kShortBacklog:
      if (auto* joined = std::get_if<Joined>(&posted.message)) {
        if (joined->replay.messages.size() > 0 && is_due()) joined->replay.messages.drop_oldest();
      }
      break;
    case Fault::kLostJoined:
      lose(std::type_identity<Joined>{});
      break;
    case Fault::kLostLeave:
      lose(std::type_identity<comet::Leave>{});
      break;
    case Fault::kRepeatedLeave:
      repeat(std::type_identity<comet::Leave>{});
      break;
    case Fault::kLostClose:
      lose(std::type_identity<comet::Closed>{});
      break;
    case Fault::kLostAnswer:
      lose(std::type_identity<comet::Answer>{});
      break;
    case Fault::kWrongNumber:
      if (auto* answer = std::get_if<comet::Answer>(&posted.message)) {
        if (is_due()) ++answer->seq;
      }
      break;
    case Fault::kLostSurveyReply:
      lose(std::type_identity<comet::SurveyReply>{});
      break;
    case Fault::kLostPresence:
      lose(std::type_identity<comet::Presence>{});
      break;
    case Fault::kSwappedResults:
      if (auto* report = std::get_if<comet::PushReport>(&posted.message)) {
        auto& results = report->results;
        if (results.size() > 1 && is_due()) std::swap(results.front(), results.back());
      }
      break;
    case Fault::kLostReport:
      lose(std::type_identity<comet::PushReport>{});
      break;
    case Fault::kKeptReference:
      if (auto* deliver = std::get_if<Deliver>(&posted.message)) {
        if (is_due()) kept_.push_back(deliver->message);
      }
      break;
    default:
      break;
  }
}

}  // namespace simulation

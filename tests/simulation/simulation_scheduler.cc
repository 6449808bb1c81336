// The part of Simulation that decides what arrives when, and when turns end.
#include <utility>

#include "tests/simulation/simulation.h"

namespace simulation {

using support::kEverything;

namespace {

// A ledger that could not be written is tried again after that time.
constexpr std::uint64_t kLongestWaitForNumbersMs = 1000;

}  // namespace

void Simulation::deliver(Dice& dice) {
  struct Lane {
    std::size_t from;
    std::size_t to;
  };
  std::vector<Lane> lanes;
  for (std::size_t from = 0; from < world_.cores(); ++from) {
    for (std::size_t to = 0; to < world_.cores(); ++to) {
      if (world_.lane(from, to).empty() || jammed_[from * world_.cores() + to]) continue;
      lanes.push_back({from, to});
    }
  }
  if (lanes.empty()) return;
  const Lane lane = lanes[dice.below(lanes.size())];
  world_.deliver(lane.from, lane.to);
}

void Simulation::end_turn(std::size_t core) {
  acting_core_ = core;
  note(journal_, "      core {}", core);
  world_.end_turn(core);
  learn(core);
  notice_expired(core);
}

void Simulation::jam(Dice& dice) {
  const std::size_t lane = dice.below(jammed_.size());
  jammed_[lane] = !jammed_[lane];
  was_jammed_ = true;
  note(journal_, "      the mailbox from {} to {} {}", lane / world_.cores(), lane % world_.cores(),
       jammed_[lane] ? "fills up" : "empties again");
}

void Simulation::drain(std::size_t core, Dice& dice) {
  if (draining_[core]) return;
  draining_[core] = true;
  const std::uint64_t duration_ms = dice.below(8000);
  note(journal_, "      core {}, over {} ms", core, duration_ms);
  world_.hub(core).begin_drain(duration_ms * 1000, dice.next());
}

void Simulation::reload(Dice& dice) {
  comet::HubSettings changed = settings();
  simulation::reload(changed, dice);
  note(journal_, "      a backlog of {} messages and {} bytes; who is too slow {}",
       changed.backlog_messages_max, changed.backlog_bytes_max,
       changed.slow_subscriber == comet::SlowSubscriber::kSkip ? "skips" : "is closed");
  world_.reconfigure(changed);
  note_settings();
}

void Simulation::note_settings() {
  const comet::HubSettings& now = settings();
  if (now.slow_subscriber == comet::SlowSubscriber::kSkip) gaps_ = Gaps::kAnnounced;
  if (now.backlog_messages_max <= 1000 || now.backlog_bytes_max < 1u << 20) has_room_ = false;
}

// Everything that is under way; the model must hear of what expires at once.
void Simulation::settle(Dice& dice) {
  jammed_.assign(jammed_.size(), false);
  note(journal_, "      everything arrives, and everybody reads");
  state_.platter().works_for.reset();
  if (std::exchange(disk_failed_, false)) world_.advance_ms(kLongestWaitForNumbersMs);
  for (const Place& place : open_) world_.grant(place.session, kEverything, place.core);
  settle_now(dice);
  // Those who rest after a pass get what came meanwhile, after which they rest again; and a batch
  // that waited for them goes on.
  std::uint64_t numbers = 0;
  do {
    numbers = numbers_given_;
    world_.advance_us(kLongestRestUs);
  } while (settle_now(dice) || numbers_given_ != numbers);
  world_.validate();
  check_everything();
}

// True when somebody got something. It is over after two rounds in which nothing happened: what a
// core gives out at the end of a turn, it tells the state's writer when the next begins.
bool Simulation::settle_now(Dice& dice) {
  bool got = false;
  for (int quiet = 0; quiet < 2;) {
    bool more = false;
    while (world_.mail() > 0) deliver(dice);
    for (std::size_t core = 0; core < world_.cores(); ++core) {
      more = world_.end_turn(core) || more;
      learn(core);
      notice_expired(core);
    }
    const std::uint64_t numbers = state_.ceiling();
    write();
    more = more || world_.mail() > 0 || state_.ceiling() != numbers;
    quiet = more ? 0 : quiet + 1;
    got = got || !touched_.empty();
    read_what_arrived();
  }
  return got;
}

}  // namespace simulation

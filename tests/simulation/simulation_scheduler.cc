// The part of Simulation that decides what arrives when, and when turns end.
#include <algorithm>
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
  awake_[core] = world_.end_turn(core);
  learn(core);
  notice_expired(core);
}

void Simulation::jam(Dice& dice) {
  const std::size_t lane = dice.below(jammed_.size());
  awake_[lane / world_.cores()] = true;  // who posts into one that is full, looks after it
  jammed_[lane] = !jammed_[lane];
  was_jammed_ = true;
  note(journal_, "      the mailbox from {} to {} {}", lane / world_.cores(), lane % world_.cores(),
       jammed_[lane] ? "fills up" : "empties again");
}

bool Simulation::has_full_mailbox(std::size_t from) const {
  const auto lanes = jammed_.begin() + static_cast<std::ptrdiff_t>(from * world_.cores());
  const auto end = lanes + static_cast<std::ptrdiff_t>(world_.cores());
  return std::find(lanes, end, true) != end;
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
  note(journal_,
       "      a buffer of {} messages; channels live {} ms; at most {}, {} subscribers of each{}",
       changed.channel_buffer_size, changed.channel_timeout_ms, changed.max_channels,
       changed.max_subscribers_per_channel, changed.create_channels ? "" : ", who make none");
  // What a newcomer is about to fetch may go from under it.
  if (changed.channel_buffer_size < settings().channel_buffer_size) has_room_ = false;
  world_.reconfigure(changed);
  note_settings();
  for (HomeView& view : homes_) view.shortens = true;
  for (const auto& [name, channel] : model_.all()) limit_life(*channel);
  awake_.assign(awake_.size(), true);
}

void Simulation::note_settings() {
  const comet::HubSettings& now = settings();
  longest_silence_ms_ = std::max(longest_silence_ms_, now.polling_timeout_ms);
  if (now.slow_subscriber == comet::SlowSubscriber::kSkip) gaps_ = Gaps::kAnnounced;
  if (now.backlog_messages_max <= 1000 || now.backlog_bytes_max < 1u << 20) has_room_ = false;
  if (plan_.longest_content > 0) has_room_ = false;  // so history is fetched in parts
}

// Everything that is under way; the model must hear of what expires at once.
void Simulation::settle(Dice& dice) {
  for (std::size_t core = 0; core < world_.cores(); ++core) {
    if (has_full_mailbox(core)) awake_[core] = true;
  }
  jammed_.assign(jammed_.size(), false);
  note(journal_, "      everything arrives, and everybody reads");
  state_.platter().works_for.reset();
  if (std::exchange(disk_failed_, false)) world_.advance_ms(kLongestWaitForNumbersMs);
  for (const Place& place : open_) {
    if (world_.grant(place.session, kEverything, place.core)) awake_[place.core] = true;
  }
  settle_now(dice);
  // Those who rest after a pass get what came meanwhile, after which they rest again; and a batch
  // that waited for them goes on. Whoever waits like that says for how long.
  do {
    world_.advance_us(kLongestRestUs);
  } while (settle_now(dice));
  world_.validate();
  check_everything();
}

// True when a core had a turn. Cores sleep as they do in a server: who waits for something that no
// event tells of must have said until when.
bool Simulation::settle_now(Dice& dice) {
  bool any = false;
  for (bool more = true; more;) {
    while (world_.mail() > 0) deliver(dice);
    more = end_due_turns();
    any = any || more;
    const std::uint64_t numbers = state_.ceiling();
    write();
    more = more || state_.ceiling() != numbers;
    read_what_arrived();
  }
  return any;
}

// False when no core had anything to do.
bool Simulation::end_due_turns() {
  bool any = false;
  for (std::size_t core = 0; core < world_.cores(); ++core) {
    if (!is_due(core)) continue;
    any = true;
    end_turn(core);
  }
  return any;
}

bool Simulation::is_due(std::size_t core) {
  if (awake_[core] || state_.has_work(core)) return true;
  if (ceilings_[core] != state_.ceiling()) return true;  // the state's writer has woken it
  const auto deadline_us = world_.hub_as_it_is(core).next_deadline_us();
  return deadline_us && *deadline_us <= world_.now().monotonic_us;
}

}  // namespace simulation

// The part of Simulation that knows what must be true when everything has arrived and everybody has
// read.
#include <map>

#include "tests/simulation/names.h"
#include "tests/simulation/simulation.h"
#include "tests/simulation/violation.h"

namespace simulation {

using comet::Answer;
using support::MemorySession;

void Simulation::check_everything() {
  read_what_arrived();
  for (const Place& place : open_) check_client(place);
  check_closes();
  for (std::size_t id = 0; id < questions_.size(); ++id) {
    INVARIANT(questions_[id].arrived, "request {} is not answered", id);
  }
  for (std::size_t id = 0; id < batches_.size(); ++id) {
    INVARIANT(batches_[id].is_answered(), "batch {} is not answered", id);
  }
  INVARIANT(broadcasts_ == 0, "a broadcast is not answered");
  check_pace();
  check_counts();
  std::erase_if(open_, [this](const Place& place) { return !session(place).listening; });
}

void Simulation::check_client(Place place) {
  const MemorySession& session = this->session(place);
  const Client& who = client(place);
  bool left = false;
  if (who.watcher != nullptr) {
    left = who.watcher->left;
    who.watcher->check_complete(session, model_);
    for (const std::string& name : kNames) {
      who.watcher->check_count(session, raw_name(name), inspect(name, home_of(name)).subscribers);
    }
  } else if (who.bundle != nullptr) {
    left = who.bundle->left;
    who.bundle->check_complete(session);
    if (session.listening) check_heartbeat(place, *who.bundle);
  } else {
    left = who.subscription->peer.left;
    who.subscription->follower.check_complete(session);
    if (session.listening) check_heartbeat(who.subscription->peer);
  }
  const bool stays =
      who.watcher != nullptr || (who.subscription != nullptr && who.subscription->peer.observes());
  const bool lives = session.listening && !session.gone && !left;
  INVARIANT(stays || !lives || !world_.hub(place.core).has_drained(), "{} was not sent away",
            description_of(place));
  if (session.ended != comet::Ending::kBroken) return;
  if (!session.gone && !left) ++broken_;
  if (who.watcher != nullptr && was_jammed_) ++watchers_broken_;
}

void Simulation::check_closes() {
  std::uint64_t lapped = 0;
  for (std::size_t core = 0; core < world_.cores(); ++core) {
    lapped += world_.hub(core).closes()[comet::CloseReason::kLagging];
  }
  INVARIANT(broken_ <= lapped, "{} connections were broken off, {} of them for being slow", broken_,
            lapped);
  INVARIANT(!has_room_ || lapped <= watchers_broken_, "somebody was too slow, and there was room");
}

// A client that is dead does not read what its channels were told at last.
bool Simulation::is_still_in(Place place, const Peer& peer) {
  if (!peer.bundled || !session(place).gone) return true;
  const std::string name = raw_name(peer.name);
  if (!world_.hub(place.core).has_channel(session(place).subscriber, name)) return false;
  for (const Peer* other : peers_at(place)) {
    if (other->name == peer.name && other->number > peer.number) return false;
  }
  return true;
}

// Everybody is up to date, and every home knows it.
void Simulation::check_pace() {
  for (std::size_t home = 0; home < world_.cores(); ++home) {
    const comet::Home& table = world_.hub_as_it_is(home).home();
    for (std::uint32_t place = 0; place < homes_[home].slots.size(); ++place) {
      const std::optional<std::size_t> name = homes_[home].slots[place].name;
      if (!name) continue;
      for (const comet::Member& member : table.channel_at(place)->members) {
        INVARIANT(!member.is_behind, "{} waits for core {}, which is not behind", kNames[*name],
                  static_cast<std::size_t>(member.core));
      }
    }
  }
}

void Simulation::check_counts() {
  std::size_t listening = 0;
  // Who is still to be told that an earlier channel of the name was closed is none of this one's.
  std::map<const ModelChannel*, std::uint64_t> expected;
  for (const Place& place : open_) {
    if (!session(place).listening) continue;
    for (const Peer* peer : peers_at(place)) {
      if (peer->observes() || !is_still_in(place, *peer)) continue;
      ++listening;
      ++expected[peer->channel];
    }
  }
  for (const auto& [name, channel] : model_.all()) {
    const Answer answer = inspect(name, home_of(name));
    INVARIANT(answer.subscribers == expected[channel], "{} has {} subscribers, and says {}", name,
              expected[channel], answer.subscribers);
  }
  world_.hub(0).ask_cores({}, comet::Survey::AboutCore{});
  Dice in_any_order(0);
  while (world_.mail() > 0) deliver(in_any_order);
  const std::vector<comet::CoreReport> reports = world_.core_reports();
  INVARIANT(reports.size() == world_.cores(), "the reports of all cores do not come");
  const comet::CoreReport sum = comet::sum_of(reports);
  INVARIANT(sum.channels == model_.all().size(), "there are {} channels, and it says {}",
            model_.all().size(), sum.channels);
  INVARIANT(sum.subscribers.total() == listening, "there are {} subscribers, and it says {}",
            listening, sum.subscribers.total());
  INVARIANT(world_.channel_count() == model_.all().size(), "the count of channels is {}",
            world_.channel_count());
}

void Simulation::check_heartbeat(const Peer& peer) {
  constexpr std::uint64_t kLatenessMs = 1000;
  if (peer.hindered || peer.left || session({peer.core, peer.session}).gone) return;
  const std::uint64_t due_ms = peer.heard_ms + longest_silence_ms_ + kLatenessMs;
  INVARIANT(world_.now_ms() <= due_ms, "peer {} has heard nothing since {} ms", peer.number,
            world_.now_ms() - peer.heard_ms);
}

void Simulation::check_heartbeat(Place place, const BundleFollower& bundle) {
  constexpr std::uint64_t kLatenessMs = 1000;
  if (bundle.hindered || bundle.left || session(place).gone) return;
  const std::uint64_t due_ms = bundle.heard_ms + longest_silence_ms_ + kLatenessMs;
  INVARIANT(world_.now_ms() <= due_ms, "bundle {} has heard nothing since {} ms", bundle.number(),
            world_.now_ms() - bundle.heard_ms);
}

}  // namespace simulation

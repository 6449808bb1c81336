// The part of Simulation that ends the server and starts another one, and knows what of the
// channels must be there again.
#include <algorithm>
#include <array>
#include <utility>

#include "tests/simulation/names.h"
#include "tests/simulation/simulation.h"
#include "tests/simulation/violation.h"

namespace simulation {

namespace {

// Lives are saved in the wall clock's time, which this server reads in whole seconds.
constexpr std::uint64_t kClockMs = 1000;

}  // namespace

// A life begins: the hubs are new, and what is on the disk goes into them.
void Simulation::start() {
  const std::size_t cores = world_.cores();
  draining_.assign(cores, false);
  jammed_.assign(cores * cores, false);
  awake_.assign(cores, true);
  clients_.assign(cores, {});
  homes_.assign(cores, {});
  ceilings_.assign(cores, 0);
  snapshots_.assign(cores, 0);
  budgets_.assign(cores, 0);
  short_.assign(cores, false);
  snapshot_.clear();
  snapshots_taken_ = 0;
  memory_board_ = std::make_unique<comet::MemoryBoard>(cores);
  longest_silence_ms_ = 0;
  note_settings();
  state_.start();
  connect();
  for (std::size_t home = 0; home < cores; ++home) look_at_table(home);
}

void Simulation::restart(Stop stop, Dice& dice) {
  read_what_arrived();
  std::vector<SavedChannel> present;
  for (std::size_t core = 0; core < world_.cores(); ++core) {
    std::ranges::move(channels_of(core), std::back_inserter(present));
  }
  bool complete = false;
  if (stop == Stop::kGraceful) {
    const std::optional<std::string> before = state_.on_disk();
    complete = state_.save();
    if (state_.on_disk() != before) saved_ = std::move(present);
  }
  everybody_is_cut_off();
  state_.end();
  state_.platter().works_for.reset();  // without a disk, no server would start
  world_.advance_ms(dice.below(dice.chance(70) ? 500 : 12'000));
  comet::HubSettings changed = settings();
  simulation::reload(changed, dice);
  const std::size_t cores =
      dice.chance(60) ? world_.cores() : dice.one_of(std::array<std::size_t, 4>{1, 2, 3, 8});
  world_.restart(std::move(changed), cores);
  for (const comet::MessageRef& message : world_.published()) {
    INVARIANT(message.references() == 1, "somebody holds the message \"{:.20}\"",
              message->content());
  }
  world_.forget_published();
  model_.end();
  start();
  restore_model(complete);
  acting_core_ = 0;
}

// Nobody is told anything; what was asked for and is not answered will not be.
void Simulation::everybody_is_cut_off() {
  for (const Place& place : open_) {
    const support::MemorySession& connection = session(place);
    const Client& who = client(place);
    if (who.watcher != nullptr) who.watcher->left = true;
    std::vector<Subscription*> channels;
    if (who.subscription != nullptr) channels.push_back(who.subscription);
    if (who.bundle != nullptr) {
      channels = who.bundle->present();
      who.bundle->left = true;
      who.bundle->finished = true;
    }
    for (const Subscription* channel : channels) {
      if (connection.listening && !connection.gone) cut_off_.push_back(channel);
    }
  }
  for (Subscription& subscription : subscriptions_) {
    Peer& peer = subscription.peer;
    peer.left = peer.finished = peer.seated = true;
  }
  for (Question& question : questions_) question.arrived = true;
  for (Batch& batch : batches_) batch.abandon();
  open_.clear();
  touched_.clear();
  answered_.clear();
  broadcasts_ = 0;
  broken_ = 0;
  watchers_broken_ = 0;
}

// As a record of each would say now.
std::vector<SavedChannel> Simulation::channels_of(std::size_t core) {
  std::vector<SavedChannel> channels;
  for (const auto& [name, channel] : model_.all()) {
    if (home_of(name) != core) continue;
    const auto report = world_.hub_as_it_is(core).home().describe(world_.named(raw_name(name)));
    SavedChannel& saved = channels.emplace_back(*channel);
    saved.had_subscribers = report && report->subscribers > 0;
    auto& messages = saved.channel.messages;
    messages.erase(messages.begin(), messages.lower_bound(channel->kept_from));
  }
  return channels;
}

// These few channels are one slice, so a core's part of a snapshot is of one moment.
void Simulation::begin_turn_of_state(std::size_t core) {
  if (state_.wanted() != snapshots_[core]) {
    snapshots_[core] = state_.wanted();
    snapshot_[core] = channels_of(core);
  }
  state_.begin_turn(core);
  if (std::exchange(ceilings_[core], state_.ceiling()) != state_.ceiling()) awake_[core] = true;
}

void Simulation::write() {
  state_.write();
  if (state_.taken() == snapshots_taken_) return;
  snapshots_taken_ = state_.taken();
  saved_.clear();
  for (const auto& [core, channels] : std::exchange(snapshot_, {})) {
    saved_.insert(saved_.end(), channels.begin(), channels.end());
  }
  note(journal_, "      a snapshot has {} channels", saved_.size());
}

void Simulation::disk_fails(Dice& dice) {
  std::optional<std::size_t>& works_for = state_.platter().works_for;
  if (works_for) {
    works_for.reset();
  } else {
    works_for = dice.below(6);
    disk_failed_ = true;
  }
  note(journal_, "      the disk {}", works_for ? "will soon be full" : "has room again");
}

void Simulation::restore_model(bool complete) {
  const comet::Numbering& numbering = state_.numbering();
  note(journal_, "      {} cores go on at {}, {}", world_.cores(), numbering.first_number,
       numbering.after_crash ? "after a crash" : "as it was");
  INVARIANT(numbering.after_crash != complete, "the end before is not known to have been {}",
            complete ? "graceful" : "a crash");
  if (complete) {
    INVARIANT(numbering.first_number == model_.first_number(),
              "new channels begin at {}, and did at {}", numbering.first_number,
              model_.first_number());
  } else {
    INVARIANT(numbering.first_number > model_.greatest_number(),
              "numbers go on at {}, and {} was given out", numbering.first_number,
              model_.greatest_number());
  }
  model_.begin(numbering.first_number);
  const std::uint64_t now_ms = world_.now_ms();
  for (const SavedChannel& saved : saved_) {
    const std::string& name = saved.channel.name;
    const comet::Home& home = world_.hub_as_it_is(home_of(name)).home();
    const std::uint64_t until_ms = saved.channel.touched_ms + saved.channel.lives_ms;
    if (!home.describe(world_.named(raw_name(name)))) {
      const bool is_over = !saved.had_subscribers && until_ms < now_ms + kClockMs;
      INVARIANT(is_over || world_.channel_count() >= settings().max_channels,
                "{} was saved and is not there", name);
      continue;
    }
    const std::uint64_t left_ms = until_ms > now_ms + kClockMs ? until_ms - now_ms - kClockMs : 0;
    model_.restore(saved, now_ms, saved.had_subscribers ? settings().channel_timeout_ms : left_ms);
    model_.living(name)->keep_newest(settings().channel_buffer_size);
  }
  INVARIANT(world_.channel_count() == model_.all().size(),
            "{} channels are there, and {} were saved", world_.channel_count(),
            model_.all().size());
  for (std::size_t core = 0; core < world_.cores(); ++core) notice_expired(core);
}

}  // namespace simulation

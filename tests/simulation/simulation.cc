// A run: its beginning, its actions one after the other, its end.
#include "tests/simulation/simulation.h"

#include <utility>

#include "tests/simulation/violation.h"

namespace simulation {

using support::HubWorld;
using CommandVerb = comet::Command::Verb;

namespace {

// What a mailbox's sender sees of one that is full.
constexpr std::size_t kJammedBacklog = 100'000;

}  // namespace

Simulation::Simulation(const Plan& plan, Fault fault, std::uint64_t luck, Journal journal)
    : plan_(plan),
      journal_(journal),
      world_(plan.settings, plan.cores),
      saboteur_(fault, luck, world_),
      state_(world_, plan.number_steps, plan.snapshot_interval_s) {
  world_.before_receive = [this](std::size_t from, std::size_t to,
                                 const HubWorld::Envelope& envelope) {
    before_receive(from, to, envelope);
  };
  world_.after_receive = [this](std::size_t, std::size_t to) {
    world_.tag = 0;
    learn(to);
  };
  world_.on_answer_given = [this](const comet::Answer& answer) { given(answer); };
  world_.on_pushes_given = [this](std::size_t home, const comet::PushReport& report) {
    pushes_given(home, report);
  };
  world_.on_turn_begun = [this](std::size_t core) {
    look_at_memory(core);
    check_memory(core);
    begin_turn_of_state(core);
  };
  world_.on_turn_ended = [this](std::size_t core) {
    if (std::exchange(homes_[core].shortens, false)) shorten_channels(core);
    if (memory_budget_ > 0) memory_board_->tell(core, memory_of(core));
  };
  saboteur_.sabotage(state_);
  start();
}

// With what is new in each life.
void Simulation::connect() {
  saboteur_.sabotage_wires(world_);
  for (std::size_t core = 0; core < world_.cores(); ++core) {
    support::MemoryWire& wire = world_.wire(core);
    wire.on_answer = [this](const comet::Answer& answer) { arrived(answer); };
    wire.on_pushed = [this, core](std::size_t home, const comet::PushReport& report) {
      pushed(core, home, report);
    };
    wire.on_received = [this, core](std::uint32_t session) { touched_.push_back({core, session}); };
    wire.on_ended = [this, core](std::uint32_t session) { touched_.push_back({core, session}); };
    wire.on_backlog = [this, core](std::size_t to) {
      return jammed_[core * world_.cores() + to] ? kJammedBacklog : world_.lane(core, to).size();
    };
  }
}

void Simulation::run() {
  std::size_t number = 0;
  for (const Action& action : plan_.script) {
    note(journal_, "{:4}. {}", ++number, name_of(action.verb));
    Dice dice(action.luck);
    act(action, dice);
    if (action.verb != Verb::kEndTurn) awake_[acting_core_] = true;
    read_what_arrived();
    world_.hub(acting_core_).validate();
  }
  Dice dice(number);
  note(journal_, "      At the end:");
  settle(dice);
  publish_everywhere(dice);
  everybody_leaves(dice);
}

void Simulation::act(const Action& action, Dice& dice) {
  const std::size_t core = dice.below(world_.cores());
  acting_core_ = core;
  switch (action.verb) {
    case Verb::kDeliver:
      deliver(dice);
      break;
    case Verb::kEndTurn:
      end_turn(core);
      break;
    case Verb::kPublish:
      command(CommandVerb::kPublish, some_name(dice), core, dice);
      break;
    case Verb::kBroadcast:
      broadcast(core, dice);
      break;
    case Verb::kBatch:
      batch(core, dice);
      break;
    case Verb::kSubscribe:
      subscribe(core, some_name(dice), dice);
      break;
    case Verb::kCrowd:
      crowd(core, dice);
      break;
    case Verb::kBundle:
      bundle(core, dice);
      break;
    case Verb::kAdd:
      add_channel(dice);
      break;
    case Verb::kDrop:
      drop_channel(dice);
      break;
    case Verb::kComeBack:
      come_back(core, dice);
      break;
    case Verb::kPollAgain:
      poll_again(dice);
      break;
    case Verb::kWatch:
      watch(core, dice);
      break;
    case Verb::kRead:
    case Verb::kStall:
    case Verb::kDie:
    case Verb::kLeave:
    case Verb::kHalfClose:
      on_some_session(action.verb, dice);
      break;
    case Verb::kClose:
      command(CommandVerb::kClose, some_name(dice), core, dice);
      break;
    case Verb::kClear:
      command(CommandVerb::kClear, some_name(dice), core, dice);
      break;
    case Verb::kSign:
      command(CommandVerb::kSign, some_name(dice), core, dice);
      break;
    case Verb::kInspect:
      command(CommandVerb::kInspect, some_name(dice), core, dice);
      break;
    case Verb::kJam:
      jam(dice);
      break;
    case Verb::kAdvance:
      world_.advance_us(dice.chance(30) ? dice.below(2000) : dice.below(200) * 1000);
      break;
    case Verb::kLeap:
      world_.advance_ms(dice.below(12'000));
      break;
    case Verb::kDrain:
      drain(core, dice);
      break;
    case Verb::kReload:
      reload(dice);
      break;
    case Verb::kMemory:
      limit_memory(dice);
      break;
    case Verb::kWrite:
      write();
      break;
    case Verb::kDisk:
      disk_fails(dice);
      break;
    case Verb::kRestart:
      restart(Stop::kGraceful, dice);
      break;
    case Verb::kCrash:
      restart(Stop::kCrash, dice);
      break;
    case Verb::kSettle:
      settle(dice);
      break;
  }
}

// Nothing is under way, so nothing holds publishers up.
void Simulation::publish_everywhere(Dice& dice) {
  note(journal_, "      every channel is published to");
  std::vector<std::string> names;
  for (const auto& [name, channel] : model_.all()) names.push_back(name);
  const std::size_t first = questions_.size();
  for (const std::string& name : names) {
    command(CommandVerb::kPublish, name, dice.below(world_.cores()), dice);
  }
  settle(dice);
  for (std::size_t id = first; id < questions_.size(); ++id) {
    const comet::Outcome outcome = questions_[id].given->outcome;
    INVARIANT(outcome == comet::Outcome::kOk || outcome == comet::Outcome::kMemoryFull,
              "{} takes no message, though nothing is under way: outcome {}", questions_[id].name,
              static_cast<int>(outcome));
  }
}

// Everybody goes, and time passes: references, records and channels must be gone as well.
void Simulation::everybody_leaves(Dice& dice) {
  note(journal_, "      everybody leaves");
  for (const Place& place : open_) {
    if (session(place).listening) leave(place, Verb::kLeave);
  }
  settle(dice);
  for (int i = 0; i < 3; ++i) {
    world_.advance_ms(25'000);
    settle(dice);
  }
  state_.end();  // a snapshot that is being written holds messages, too
  INVARIANT(world_.channel_count() == 0, "{} channels are left", world_.channel_count());
  for (std::size_t core = 0; core < world_.cores(); ++core) {
    INVARIANT(world_.hub(core).is_empty(), "core {} has kept something", core);
  }
  for (const comet::MessageRef& message : world_.published()) {
    INVARIANT(message.references() == 1, "somebody holds the message \"{:.20}\"",
              message->content());
  }
}

}  // namespace simulation

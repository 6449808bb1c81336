// The part of Simulation that publishes, and asks what administrators ask.
#include <utility>

#include "tests/simulation/ids.h"
#include "tests/simulation/names.h"
#include "tests/simulation/simulation.h"

namespace simulation {

using CommandVerb = comet::Command::Verb;

std::string Simulation::new_content(Dice& dice) {
  std::string content = "m" + std::to_string(++contents_);
  if (dice.chance(30)) content += "</script>\\n\\\"";
  if (dice.chance(20)) content.append(dice.below(500), '.');
  // A few fill a part of a history, and a turn's share of sending.
  if (plan_.longest_content > 0 && dice.chance(5)) {
    content.append(dice.below(plan_.longest_content), '.');
  }
  return content;
}

void Simulation::command(CommandVerb verb, const std::string& name, std::size_t core, Dice& dice) {
  acting_core_ = core;
  const auto id = static_cast<std::uint32_t>(questions_.size());
  Question& question = questions_.emplace_back(Question{verb, core, name, {}});
  if (verb == CommandVerb::kPublish) question.content = new_content(dice);
  if (verb == CommandVerb::kSign && dice.chance(50)) question.expires_s = 20;
  note(journal_, "      request {} on core {}: {} {:.20}", id, core, question.name,
       question.content);
  if (home_of(question.name) == core) shut_ = is_short_of_memory(core);
  world_.command(verb, raw_name(question.name), question.content, core, question.expires_s, id);
  awake_[core] = true;
}

void Simulation::broadcast(std::size_t core, Dice& dice) {
  const std::string content = new_content(dice);
  note(journal_, "      core {}: {:.20}", core, content);
  refused_ = false;
  ++broadcasts_;
  shut_ = is_short_of_memory(core);
  homes_[core].spreading.push_back(content);
  world_.broadcast(content, core, kBroadcastId);
  if (refused_) homes_[core].spreading.pop_back();
}

void Simulation::batch(std::size_t core, Dice& dice) {
  std::vector<Batch::Entry> entries;
  const std::string& favourite = some_name(dice);
  const bool to_one = dice.chance(30);  // whose windows may not hold all of it
  for (std::size_t more = 1 + dice.below(to_one ? 40 : 12); more > 0; --more) {
    const std::string& name = to_one ? favourite : some_name(dice);
    entries.push_back({name, new_content(dice)});
    note(journal_, "      {}: {:.20}", name, entries.back().content);
  }
  const auto form = dice.chance(50) ? comet::PushForm::kArray : comet::PushForm::kLines;
  const std::size_t id = batches_.size();
  note(journal_, "      batch {} on core {}", id, core);
  Batch& added = batches_.emplace_back(std::move(entries), form, world_, core);
  // What a core says at once, it says of this batch; of others it says nothing now.
  for (std::size_t home = 0; home < world_.cores(); ++home) {
    std::vector<std::size_t> places = added.entries_of(home, world_);
    if (places.empty()) continue;
    if (home == core) {
      homes_[home].pushing.push_back({&added, std::move(places)});
    } else if (world_.wire(core).backlog(home) > comet::kCongestedBacklog) {
      for (const std::size_t place : places) {
        added.entry(place).given = {0, comet::Outcome::kOverloaded};
      }
    }
  }
  std::vector<comet::PushOrder> orders = added.take_orders(world_.cores());
  added.look_for_answer();
  if (added.is_answered()) return;
  world_.push(std::move(orders), core, static_cast<std::uint32_t>(id));
}

comet::Answer Simulation::inspect(const std::string& name, std::size_t home) {
  world_.command(CommandVerb::kInspect, raw_name(name), {}, home, 0, kInspectId);
  return inspected_;
}

}  // namespace simulation

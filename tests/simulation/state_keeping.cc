#include "tests/simulation/state_keeping.h"

#include "comet/number_ledger.h"
#include "comet/state_transfer.h"
#include "tests/simulation/violation.h"

namespace simulation {
namespace {

const std::string kPath = "state";

}  // namespace

StateKeeping::Life::Life(std::size_t cores, support::Platter& platter,
                         comet::StateStore::Steps steps)
    : store(kPath, std::make_unique<support::MemoryDisk>(platter), steps), exchange(cores) {
  exchange.writer = &writer;
}

std::vector<comet::Home*> StateKeeping::homes() {
  std::vector<comet::Home*> homes;
  for (std::size_t core = 0; core < world_.cores(); ++core) {
    homes.push_back(&world_.hub_as_it_is(core).home());
  }
  return homes;
}

void StateKeeping::start() {
  life_ = std::make_unique<Life>(world_.cores(), platter_, steps_);
  const auto restored =
      comet::restore_channels(life_->store, homes(), world_.hash(), world_.broadcast_memory,
                              world_.now(), world_.settings().channel_timeout_ms);
  INVARIANT(restored.ok(), "{}", restored.error());
  for (std::size_t core = 0; core < world_.cores(); ++core) {
    life_->reporters.push_back(std::make_unique<comet::StateReporter>(
        world_.hub_as_it_is(core).home(), life_->exchange, core));
  }
  life_->scribe = std::make_unique<comet::StateScribe>(life_->store, life_->exchange, life_->status,
                                                       interval_s_, std::vector<reactor::Waker*>{},
                                                       world_.now());
}

bool StateKeeping::save() {
  life_->scribe->abandon();
  return comet::save_channels(life_->store, homes(), world_.now()).ok();
}

void StateKeeping::end() { life_.reset(); }

void StateKeeping::begin_turn(std::size_t core) {
  const std::size_t before = life_->exchange.from_cores[core]->slices.size();
  life_->reporters[core]->begin_turn(world_.now());
  if (!distort_slice || life_->exchange.from_cores[core]->slices.size() == before) return;
  distort_slice(*life_->exchange.from_cores[core]->slices.front());
}

void StateKeeping::write() { life_->scribe->turn(world_.now()); }

std::optional<std::string> StateKeeping::on_disk() const {
  const auto file = platter_.files.find(kPath);
  if (file == platter_.files.end()) return std::nullopt;
  return file->second;
}

std::uint64_t StateKeeping::ceiling_on_disk() const {
  const auto file = platter_.files.find(life_->store.ledger_path());
  INVARIANT(file != platter_.files.end(), "there is no ledger of numbers");
  const auto ledger = comet::NumberLedger::decode(file->second);
  INVARIANT(ledger.ok(), "the ledger of numbers {}", ledger.error());
  return ledger->ceiling;
}

}  // namespace simulation

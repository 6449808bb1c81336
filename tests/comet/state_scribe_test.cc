// What the state's writer does, turn by turn and without its thread: snapshots on time, numbers
// ahead, and a disk that fails.
#include "comet/state_scribe.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>
#include <vector>

#include "comet/state_reporter.h"
#include "tests/support/hub_world.h"
#include "tests/support/memory_disk.h"
#include "tests/support/state_bytes.h"

namespace comet {
namespace {

constexpr std::uint64_t kSecondUs = 1'000'000;

class StateScribeTest : public testing::Test {
 protected:
  StateScribeTest() {
    spdlog::set_level(spdlog::level::off);
    EXPECT_FALSE(
        store_.load({[](const Numbering&) {}, [](ChannelRecord&&, std::int64_t) {}}).has_value());
    EXPECT_FALSE(store_.reserve(0).has_value());
    exchange_.writer = &waker_;
    scribe_ = std::make_unique<StateScribe>(store_, exchange_, status_, 1,
                                            std::vector<reactor::Waker*>{}, now_);
    world_.ask(Command::Verb::kPublish, "a", "x");
  }
  ~StateScribeTest() override { spdlog::set_level(spdlog::level::info); }

  // The scribe has a turn, the core has one, and the scribe has another.
  void turns(std::uint64_t us) {
    now_.monotonic_us += us;
    scribe_->turn(now_);
    reporter_.begin_turn(now_);
    scribe_->turn(now_);
  }
  std::string saved() {
    return support::describe(support::decode(platter_.files["state"]).records);
  }

  support::Platter platter_;
  StateStore store_{"state", std::make_unique<support::MemoryDisk>(platter_), {100, 100}};
  StateExchange exchange_{1};
  StateStatus status_;
  reactor::Waker waker_;
  reactor::Now now_{1'000'000'000, 784'111'777};
  support::HubWorld world_{support::hub_settings()};
  StateReporter reporter_{world_.hub().home(), exchange_, 0};
  std::unique_ptr<StateScribe> scribe_;
};

TEST_F(StateScribeTest, ASnapshotIsTakenWhenItsTimeHasCome) {
  turns(kSecondUs - 1);
  EXPECT_EQ(status_.snapshots.load(), 0u);
  turns(1);
  EXPECT_EQ(status_.snapshots.load(), 1u);
  EXPECT_EQ(status_.messages.load(), 1u);
  EXPECT_EQ(status_.bytes.load(), platter_.files["state"].size());
  turns(0);
  EXPECT_EQ(status_.snapshots.load(), 1u) << "the next one has its own time";
}

TEST_F(StateScribeTest, WhileTheDiskFailsTheOldSnapshotStays) {
  turns(kSecondUs);
  const std::string before = saved();
  world_.ask(Command::Verb::kPublish, "a", "y");
  for (std::size_t operations = 0; operations < 4; ++operations) {
    platter_.works_for = operations;
    turns(kSecondUs);
    EXPECT_EQ(status_.errors.load(), operations + 1);
    EXPECT_EQ(saved(), before);
  }
  platter_.works_for.reset();
  turns(kSecondUs);
  EXPECT_EQ(status_.snapshots.load(), 2u);
  EXPECT_NE(saved(), before);
}

TEST_F(StateScribeTest, ACeilingIsPublishedWhenTheDiskHasIt) {
  const std::uint64_t before = exchange_.ceiling.load();
  exchange_.from_cores[0]->greatest_number.store(exchange_.watch_from.load());
  EXPECT_TRUE(scribe_->has_work());
  platter_.works_for = 2;
  scribe_->turn(now_);
  EXPECT_EQ(exchange_.ceiling.load(), before);
  platter_.works_for.reset();
  EXPECT_FALSE(scribe_->has_work()) << "the disk has a rest";
  now_.monotonic_us += kSecondUs;
  scribe_->turn(now_);
  EXPECT_GT(exchange_.ceiling.load(), before);
  EXPECT_EQ(NumberLedger::decode(platter_.files["state.numbers"])->ceiling,
            exchange_.ceiling.load());
}

}  // namespace
}  // namespace comet

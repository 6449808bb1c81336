// From homes to a disk and into other homes: what a graceful end keeps, and what a crash leaves.
#include "comet/state_transfer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/hub_world.h"
#include "tests/support/memory_disk.h"

namespace comet {
namespace {

using support::HubWorld;
using Verb = Command::Verb;

class StateTransferTest : public testing::Test {
 protected:
  // A server that has begun with what the disk has.
  struct Server {
    Server(support::Platter& platter, std::size_t cores, std::uint64_t away_ms)
        : world(support::hub_settings(), cores),
          store("state", std::make_unique<support::MemoryDisk>(platter), {100, 100}) {
      world.advance_ms(away_ms);
      world.restart(support::hub_settings(), cores);  // hubs of that time
      restored = *restore_channels(store, homes(), world.hash(), world.broadcast_memory,
                                   world.now(), 60'000);
    }
    std::vector<Home*> homes() {
      std::vector<Home*> homes;
      for (std::size_t core = 0; core < world.cores(); ++core) {
        homes.push_back(&world.hub_as_it_is(core).home());
      }
      return homes;
    }
    reactor::Result<StateFooter> save() { return save_channels(store, homes(), world.now()); }

    HubWorld world;
    StateStore store;
    Restored restored;
  };
  Server start(std::size_t cores, std::uint64_t away_ms = 0) {
    return Server(platter_, cores, away_ms);
  }
  static std::string name(int i) { return "c" + std::to_string(i); }
  // Twenty channels; the first with no message, and each other with one more than that before it.
  static void fill(HubWorld& world) {
    for (int i = 0; i < 20; ++i) {
      world.ask(Verb::kSign, name(i));
      for (int message = 0; message < i % 5; ++message) world.ask(Verb::kPublish, name(i), "x");
    }
  }

  support::Platter platter_;
};

TEST_F(StateTransferTest, AnyNumberOfCoresGoesOnWhereAnotherEnded) {
  for (const std::size_t cores : {1u, 2u, 5u}) {
    Server before = start(3);
    fill(before.world);
    ASSERT_TRUE(before.save().ok());
    Server after = start(cores);
    EXPECT_FALSE(after.store.numbering().after_crash);
    EXPECT_EQ(after.restored.channels, 20u);
    for (int i = 0; i < 20; ++i) {
      const Answer answer = after.world.ask(Verb::kSign, name(i));
      EXPECT_EQ(answer.token.bytes, before.world.ask(Verb::kSign, name(i)).token.bytes);
      EXPECT_EQ(after.world.ask(Verb::kInspect, name(i)).seq,
                before.world.ask(Verb::kInspect, name(i)).seq);
    }
    platter_.files.clear();
  }
}

TEST_F(StateTransferTest, WhatExpiredMeanwhileIsLeftOut) {
  Server before = start(2);
  before.world.subscribe("listened to");
  before.world.settle();
  before.world.advance_ms(50'000);
  before.world.ask(Verb::kSign, "short", {}, 0, 5);
  before.world.ask(Verb::kSign, "long", {}, 0, 50);
  ASSERT_TRUE(before.save().ok());
  Server after = start(2, 70'000);
  EXPECT_EQ(after.restored.expired, 1u);
  EXPECT_EQ(after.world.ask(Verb::kInspect, "short").outcome, Outcome::kUnknownChannel);
  EXPECT_EQ(after.world.ask(Verb::kInspect, "long").outcome, Outcome::kOk);
  EXPECT_EQ(after.world.ask(Verb::kInspect, "listened to").outcome, Outcome::kOk);
}

// The snapshot is there, but nothing says that it is the last word.
TEST_F(StateTransferTest, AnEndThatCannotBeWrittenDownIsACrash) {
  Server before = start(2);
  fill(before.world);
  platter_.works_for = 6;  // the snapshot takes as many
  EXPECT_FALSE(before.save().ok());
  platter_.works_for.reset();
  Server after = start(2);
  EXPECT_TRUE(after.store.numbering().after_crash);
  EXPECT_EQ(after.restored.channels, 20u);
  EXPECT_EQ(after.world.ask(Verb::kPublish, name(4), "y").seq, before.store.ceiling() + 1);
  EXPECT_EQ(after.world.ask(Verb::kPublish, "new", "y").seq, before.store.ceiling() + 1);
}

TEST_F(StateTransferTest, WhatIsPutAsideIsNotRestoredAndItsNumbersAreNotUsedAgain) {
  Server before = start(1);
  fill(before.world);
  ASSERT_TRUE(before.save().ok());
  HubWorld world(support::hub_settings(), 2);
  StateStore store("state", std::make_unique<support::MemoryDisk>(platter_), {100, 100});
  const auto numbering = begin_without_channels(
      store, {&world.hub_as_it_is(0).home(), &world.hub_as_it_is(1).home()}, "aside");
  ASSERT_TRUE(numbering.ok());
  EXPECT_TRUE(platter_.files.contains("state.aside"));
  EXPECT_EQ(world.channel_count(), 0u);
  EXPECT_EQ(world.ask(Verb::kPublish, name(4), "y").seq, before.store.ceiling() + 1);
  EXPECT_GT(store.ceiling(), before.store.ceiling());
}

}  // namespace
}  // namespace comet

// The state's files: what a start makes of what it finds, and what it refuses.
#include "comet/state_store.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/file_bytes.h"
#include "tests/support/state_bytes.h"
#include "tests/support/temp_folder.h"

namespace comet {
namespace {

using support::describe;
using support::list;
using support::record_of;
using Completeness = StateStore::Completeness;

// One start of a server.
struct Started {
  std::unique_ptr<StateStore> store;
  Numbering numbering;
  std::vector<ChannelRecord> channels;
  std::string error;
};

class StateStoreTest : public testing::Test {
 protected:
  [[nodiscard]] Started start() const {
    Started started;
    auto store = StateStore::open(path_);
    if (!store) {
      started.error = store.error();
      return started;
    }
    started.store = std::move(*store);
    const auto error =
        started.store->load({[&](const Numbering& numbering) { started.numbering = numbering; },
                             [&](ChannelRecord&& channel, std::int64_t) {
                               started.channels.push_back(std::move(channel));
                             }});
    std::uint64_t greatest = started.numbering.first_number - 1;
    for (const ChannelRecord& channel : started.channels) {
      greatest = std::max(greatest, channel.next - 1);
    }
    if (error) {
      started.error = error->message;
    } else if (const auto unwritten = started.store->reserve(greatest)) {
      started.error = unwritten->message;
    }
    return started;
  }
  // Takes a snapshot of these channels.
  static void save(StateStore& store, const std::vector<ChannelRecord>& channels,
                   Completeness completeness) {
    auto snapshot = store.begin_snapshot(1000, completeness);
    ASSERT_TRUE(snapshot.ok()) << snapshot.error();
    for (const ChannelRecord& channel : channels) (*snapshot)->add(channel);
    const auto error = (*snapshot)->finish();
    ASSERT_FALSE(error.has_value()) << error->message;
    if (completeness == Completeness::kStopped) {
      EXPECT_FALSE(store.complete(**snapshot).has_value());
    }
  }
  void overwrite(const std::string& path, std::string_view bytes) const {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  [[nodiscard]] std::string advice() const {
    return "; --ignore-state starts without it and keeps it under another name";
  }

  support::TempFolder folder_;
  std::string path_ = folder_.file("state");
};

TEST_F(StateStoreTest, TheFirstStartBeginsAtOne) {
  const Started first = start();
  EXPECT_EQ(first.error, "");
  EXPECT_EQ(first.numbering, (Numbering{1, false}));
  EXPECT_TRUE(first.channels.empty());
}

TEST_F(StateStoreTest, AfterAGracefulStopEverythingGoesOnExactly) {
  const auto saved = list(record_of("a", 43, {"x", "y"}), record_of("b", 1));
  save(*start().store, saved, Completeness::kStopped);
  const Started second = start();
  EXPECT_EQ(second.error, "");
  EXPECT_EQ(second.numbering, (Numbering{1, false}));
  EXPECT_EQ(describe(second.channels), describe(saved));
}

TEST_F(StateStoreTest, AfterACrashNumbersGoOnBehindAllThatWereReserved) {
  std::uint64_t ceiling = 0;
  {
    Started first = start();
    ceiling = first.store->ceiling();
    EXPECT_GT(ceiling, first.store->reserve_from());
    save(*first.store, list(record_of("a", 43, {"x"})), Completeness::kRunning);
  }
  const Started second = start();
  EXPECT_EQ(second.numbering, (Numbering{ceiling + 1, true}));
  EXPECT_EQ(second.channels.size(), 1u);
  EXPECT_GT(second.store->ceiling(), ceiling);
}

TEST_F(StateStoreTest, ACrashBeforeTheFirstSnapshotIsOneToo) {
  const std::uint64_t ceiling = start().store->ceiling();
  EXPECT_EQ(start().numbering, (Numbering{ceiling + 1, true}));
}

TEST_F(StateStoreTest, ACrashAfterAGracefulStopIsOneThoughTheStateIsComplete) {
  save(*start().store, list(record_of("a", 43)), Completeness::kStopped);
  const std::uint64_t ceiling = start().store->ceiling();
  EXPECT_GT(ceiling, 43u);
  EXPECT_EQ(start().numbering, (Numbering{ceiling + 1, true}));
}

TEST_F(StateStoreTest, ACrashBetweenTheLastSnapshotAndTheLedgerIsOne) {
  {
    const Started first = start();
    auto snapshot = first.store->begin_snapshot(1000, Completeness::kStopped);
    ASSERT_TRUE(snapshot.ok()) << snapshot.error();
    ASSERT_FALSE((*snapshot)->finish().has_value());
  }
  EXPECT_TRUE(start().numbering.after_crash);
}

TEST_F(StateStoreTest, OnceThereWasACrashNumbersNeverBeginAtOneAgain) {
  { const Started crashes = start(); }
  std::uint64_t first_number = 0;
  {
    const Started second = start();
    first_number = second.numbering.first_number;
    save(*second.store, list(record_of("a", first_number)), Completeness::kStopped);
  }
  EXPECT_GT(first_number, 1u);
  EXPECT_EQ(start().numbering, (Numbering{first_number, false}));
}

TEST_F(StateStoreTest, MoreNumbersAreReservedBehindTheGreatest) {
  std::uint64_t ceiling = 0;
  {
    const Started first = start();
    ASSERT_FALSE(first.store->reserve(first.store->reserve_from()).has_value());
    ceiling = first.store->ceiling();
    EXPECT_GE(ceiling, 1u << 20);
    EXPECT_GT(first.store->reserve_from(), 1u << 19);
    ASSERT_FALSE(first.store->reserve(5'000'000).has_value());
    EXPECT_GT(first.store->ceiling(), 5'000'000u);
    ceiling = first.store->ceiling();
  }
  EXPECT_EQ(start().numbering.first_number, ceiling + 1);
}

TEST_F(StateStoreTest, AStateThatSomebodyRemovedIsACrash) {
  save(*start().store, list(record_of("a", 43)), Completeness::kStopped);
  std::filesystem::remove(path_);
  const Started second = start();
  EXPECT_TRUE(second.channels.empty());
  EXPECT_GT(second.numbering.first_number, 43u);
}

TEST_F(StateStoreTest, AnOldCopyOfTheStateIsACrash) {
  save(*start().store, list(record_of("a", 43)), Completeness::kStopped);
  std::filesystem::copy_file(path_, path_ + ".copy");
  save(*start().store, list(record_of("a", 50)), Completeness::kStopped);
  std::filesystem::rename(path_ + ".copy", path_);
  const Started third = start();
  EXPECT_EQ(third.error, "");
  EXPECT_TRUE(third.numbering.after_crash);
  EXPECT_GT(third.numbering.first_number, 50u);
}

TEST_F(StateStoreTest, ASecondServerIsKeptAway) {
  const Started first = start();
  EXPECT_EQ(start().error, "state_file " + path_ + ": cannot be locked: pidfile " + path_ +
                               ".lock: its server is still running");
}

// --- What is refused --------------------------------------------------------------------------

TEST_F(StateStoreTest, AForeignFileIsRefused) {
  { const Started first = start(); }
  overwrite(path_, "[front]\n");
  EXPECT_EQ(start().error, "state_file " + path_ + " is not a state file of comet" + advice());
}

TEST_F(StateStoreTest, ADamagedFileIsRefusedAndLeftAsItIs) {
  save(*start().store, list(record_of("a", 43, {"x"})), Completeness::kStopped);
  std::string bytes = support::file_bytes(path_);
  bytes[100] = '!';
  overwrite(path_, bytes);
  EXPECT_EQ(start().error,
            "state_file " + path_ + " is damaged in what begins at byte 66" + advice());
  EXPECT_EQ(support::file_bytes(path_), bytes);
}

TEST_F(StateStoreTest, AStateWithoutItsLedgerIsRefused) {
  save(*start().store, list(record_of("a", 43)), Completeness::kStopped);
  std::filesystem::remove(path_ + ".numbers");
  EXPECT_EQ(start().error, "state_file " + path_ + " lacks its ledger of numbers, " + path_ +
                               ".numbers" + advice());
}

TEST_F(StateStoreTest, ADamagedLedgerIsRefused) {
  { const Started first = start(); }
  overwrite(path_ + ".numbers", "comet numbers\n");
  EXPECT_EQ(start().error, "state_file " + path_ + ".numbers is cut short" + advice());
}

TEST_F(StateStoreTest, AStateOfAnotherServerIsRefused) {
  save(*start().store, list(record_of("a", 43)), Completeness::kStopped);
  std::filesystem::copy_file(path_, path_ + ".copy");
  std::filesystem::remove(path_);
  std::filesystem::remove(path_ + ".numbers");
  { const Started other = start(); }
  std::filesystem::rename(path_ + ".copy", path_);
  EXPECT_EQ(start().error,
            "state_file " + path_ + " and its ledger of numbers do not belong together" + advice());
}

TEST_F(StateStoreTest, AFolderThatDoesNotExistIsOneSentence) {
  const auto store = StateStore::open("/nonexistent/state");
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error(),
            "state_file /nonexistent/state: cannot be locked: pidfile /nonexistent/state.lock: "
            "No such file or directory");
}

// --- What is put aside ------------------------------------------------------------------------

TEST_F(StateStoreTest, WhatIsIgnoredIsKeptUnderAnotherName) {
  save(*start().store, list(record_of("a", 43)), Completeness::kStopped);
  overwrite(path_, "rubbish");
  auto store = StateStore::open(path_);
  ASSERT_TRUE(store.ok()) << store.error();
  const auto numbering = (*store)->set_aside("ignored-1");
  ASSERT_TRUE(numbering.ok()) << numbering.error();
  EXPECT_GT(numbering->first_number, 43u) << "the ledger was well";
  EXPECT_EQ(support::file_bytes(path_ + ".ignored-1"), "rubbish");
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_TRUE(std::filesystem::exists(path_ + ".numbers"));
}

TEST_F(StateStoreTest, ALedgerThatCannotBeReadIsPutAsideToo) {
  save(*start().store, list(record_of("a", 43)), Completeness::kStopped);
  overwrite(path_ + ".numbers", "rubbish");
  auto store = StateStore::open(path_);
  ASSERT_TRUE(store.ok()) << store.error();
  const auto numbering = (*store)->set_aside("ignored-1");
  ASSERT_TRUE(numbering.ok()) << numbering.error();
  EXPECT_EQ(numbering->first_number, 1u);
  EXPECT_TRUE(std::filesystem::exists(path_ + ".ignored-1"));
  EXPECT_TRUE(std::filesystem::exists(path_ + ".numbers.ignored-1"));
}

TEST_F(StateStoreTest, NothingThatWasPutAsideIsReplaced) {
  overwrite(path_, "rubbish");
  overwrite(path_ + ".ignored-1", "the first");
  auto store = StateStore::open(path_);
  ASSERT_TRUE(store.ok()) << store.error();
  EXPECT_FALSE((*store)->set_aside("ignored-1").ok());
  EXPECT_EQ(support::file_bytes(path_ + ".ignored-1"), "the first");
  EXPECT_EQ(support::file_bytes(path_), "rubbish");
}

TEST_F(StateStoreTest, NothingToPutAsideIsFine) {
  auto store = StateStore::open(path_);
  ASSERT_TRUE(store.ok()) << store.error();
  const auto numbering = (*store)->set_aside("ignored-1");
  ASSERT_TRUE(numbering.ok()) << numbering.error();
  EXPECT_EQ(numbering->first_number, 1u);
}

}  // namespace
}  // namespace comet

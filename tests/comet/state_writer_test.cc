// The thread that writes the state: snapshots on time, numbers ahead, and a disk that fails.
#include "comet/state_writer.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "comet/state_reporter.h"
#include "tests/support/eventually.h"
#include "tests/support/hub_world.h"
#include "tests/support/temp_folder.h"

namespace comet {
namespace {

class StateWriterTest : public testing::Test {
 protected:
  StateWriterTest() {
    auto store = StateStore::open(path_);
    EXPECT_TRUE(store.ok());
    store_ = std::move(*store);
    EXPECT_FALSE(
        store_->load({[](const Numbering&) {}, [](ChannelRecord&&, std::int64_t) {}}).has_value());
    EXPECT_FALSE(store_->reserve(0).has_value());
    world_.ask(Command::Verb::kPublish, "a", "x");
  }

  void start(std::uint32_t interval_s) {
    writer_ = std::make_unique<StateWriter>(*store_, exchange_, status_, interval_s,
                                            std::vector<reactor::Waker*>{&core_});
    writer_->start();
  }
  // The core takes turns until it is so.
  template <class Condition>
  bool await(Condition condition) {
    return support::eventually([&] {
      reporter_.begin_turn(reactor::Now::read());
      return condition();
    });
  }

  support::TempFolder folder_;
  std::string path_ = folder_.file("state");
  std::unique_ptr<StateStore> store_;
  support::HubWorld world_{support::hub_settings()};
  reactor::Waker core_;
  StateExchange exchange_{1};
  StateStatus status_;
  StateReporter reporter_{world_.hub().home(), exchange_, 0};
  std::unique_ptr<StateWriter> writer_;
};

TEST_F(StateWriterTest, SnapshotsComeByThemselves) {
  start(1);
  EXPECT_TRUE(await([&] { return status_.snapshots.load() >= 2; }));
  EXPECT_EQ(status_.channels.load(), 1u);
  EXPECT_EQ(status_.messages.load(), 1u);
  EXPECT_EQ(status_.bytes.load(), std::filesystem::file_size(path_));
  EXPECT_EQ(status_.errors.load(), 0u);
}

// A folder in the place of the file that is written beside stands for a disk that fails.
TEST_F(StateWriterTest, ASnapshotThatFailsIsCountedAndTriedAgain) {
  std::filesystem::create_directory(path_ + ".new");
  start(1);
  EXPECT_TRUE(await([&] { return status_.errors.load() > 0; }));
  EXPECT_EQ(status_.snapshots.load(), 0u);
  std::filesystem::remove(path_ + ".new");
  EXPECT_TRUE(await([&] { return status_.snapshots.load() > 0; }));
}

TEST_F(StateWriterTest, MoreNumbersAreReservedWhenTheyRunShort) {
  const std::uint64_t ceiling_before = store_->ceiling();  // the writer's own from now on
  start(0);
  EXPECT_EQ(exchange_.ceiling.load(), ceiling_before);
  const std::uint64_t before = exchange_.watch_from.load();
  exchange_.from_cores[0]->greatest_number.store(before);
  exchange_.writer->wake();
  EXPECT_TRUE(await([&] { return exchange_.watch_from.load() > before; }));
  EXPECT_GT(exchange_.ceiling.load(), ceiling_before);
}

// So no number is given out that the disk does not know.
TEST_F(StateWriterTest, ACeilingThatCannotBeWrittenDoesNotRise) {
  std::filesystem::create_directory(path_ + ".numbers.new");
  const std::uint64_t ceiling = store_->ceiling();
  start(0);
  const std::uint64_t before = exchange_.watch_from.load();
  exchange_.from_cores[0]->greatest_number.store(ceiling - 1);
  exchange_.writer->wake();
  EXPECT_TRUE(await([&] { return status_.errors.load() > 0; }));
  EXPECT_EQ(exchange_.watch_from.load(), before);
  EXPECT_EQ(exchange_.ceiling.load(), ceiling);
  std::filesystem::remove(path_ + ".numbers.new");
  EXPECT_TRUE(await([&] { return exchange_.watch_from.load() > ceiling - 1; }));
  EXPECT_GT(exchange_.ceiling.load(), exchange_.watch_from.load());
}

}  // namespace
}  // namespace comet

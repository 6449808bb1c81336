// A home while memory is short: what it refuses, and whom it still serves.

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/comet/home_fixture.h"

namespace comet {
namespace {

using namespace testing_home;

using HomeMemoryTest = HomeTest;

TEST_F(HomeMemoryTest, WithoutMemoryNoChannelIsMade) {
  home_.memory_gate().look(1000, 1000);
  EXPECT_EQ(command(Verb::kPublish).outcome, Outcome::kMemoryFull);
  EXPECT_EQ(command(Verb::kSign).outcome, Outcome::kMemoryFull);
  join(0, 11);
  EXPECT_EQ(latest<Joined>().outcome, Outcome::kMemoryFull);
  EXPECT_EQ(home_.channels(), 0u);
  EXPECT_EQ(count_.load(), 0u);
  home_.memory_gate().look(1000, 900);
  EXPECT_EQ(command(Verb::kPublish).outcome, Outcome::kOk);
}

TEST_F(HomeMemoryTest, WithoutMemoryAChannelThatIsThereIsServed) {
  join(0, 11);
  home_.memory_gate().look(1000, 1000);
  EXPECT_EQ(command(Verb::kSign).outcome, Outcome::kOk);
  EXPECT_EQ(command(Verb::kClear).outcome, Outcome::kOk);
  home_.leave(0, {latest<Joined>().channel, {7, 1}, 1, 0});
  EXPECT_EQ(command(Verb::kClose).outcome, Outcome::kOk);
}

TEST_F(HomeMemoryTest, WithoutMemoryAMessageMustTakeThePlaceOfOneAsLong) {
  command(Verb::kPublish, "12");
  command(Verb::kPublish, "12");
  home_.memory_gate().look(1000, 1000);
  EXPECT_EQ(command(Verb::kPublish, "1").outcome, Outcome::kMemoryFull) << "there is room for it";
  home_.memory_gate().look(1000, 0);
  command(Verb::kPublish, "12");
  home_.memory_gate().look(1000, 1000);
  EXPECT_EQ(command(Verb::kPublish, "123").outcome, Outcome::kMemoryFull);
  const Answer answer = command(Verb::kPublish, "12");
  EXPECT_EQ(answer.outcome, Outcome::kOk);
  EXPECT_EQ(answer.seq, 4u);
  settings_.channel_buffer_size = 0;
  command(Verb::kClear);
  EXPECT_EQ(command(Verb::kPublish, "12345").outcome, Outcome::kOk) << "nothing is kept of it";
}

TEST_F(HomeMemoryTest, WithoutMemoryABroadcastMakesNoRoom) {
  const std::string content(100, 'x');
  home_.begin_broadcast(0, {1, 1}, MessageRef::make(Message::Type::kBroadcast, content));
  command(Verb::kPublish, content);
  const std::uint64_t before = home_.memory().history;
  home_.begin_broadcast(0, {1, 1}, MessageRef::make(Message::Type::kBroadcast, content));
  EXPECT_EQ(home_.memory().history, before);
  command(Verb::kPublish, content);
  home_.memory_gate().look(1000, 1000);
  EXPECT_EQ(command(Verb::kPublish, content).outcome, Outcome::kOk);
  EXPECT_EQ(command(Verb::kPublish).outcome, Outcome::kMemoryFull) << "the oldest is the broadcast";
}

TEST_F(HomeMemoryTest, MessagesThatArriveInOneTurnCountAtOnce) {
  command(Verb::kPublish);
  home_.memory_gate().look(1000, 500);
  EXPECT_EQ(command(Verb::kPublish, std::string(600, 'x')).outcome, Outcome::kOk);
  EXPECT_EQ(command(Verb::kPublish).outcome, Outcome::kMemoryFull);
}

TEST_F(HomeMemoryTest, WithoutMemoryWhoHasSubscribedBeforeMayAgain) {
  command(Verb::kPublish);
  home_.memory_gate().look(1000, 1000);
  join_again(11, 1);
  EXPECT_EQ(latest<Joined>().outcome, Outcome::kOk);
  join(0, 12);
  EXPECT_EQ(latest<Joined>().outcome, Outcome::kMemoryFull);
}

TEST_F(HomeMemoryTest, WithoutMemoryHistoryComesInSmallParts) {
  const std::string content(10'000, 'x');
  for (int i = 0; i < 3; ++i) command(Verb::kPublish, content);
  join(0, 11, 1);
  EXPECT_EQ(latest<Joined>().replay.messages.size(), 3u);
  home_.memory_gate().look(1000, 1000);
  join_again(11, 1);
  EXPECT_EQ(latest<Joined>().replay.messages.size(), 2u);
  home_.fetch(0, {latest<Joined>().channel, {11, 1}, 1, 1'000'000});
  EXPECT_EQ(latest<Fetched>().replay.messages.size(), 2u);
}

}  // namespace
}  // namespace comet

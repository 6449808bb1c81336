// Two hubs, and what happens while something is under way between them.
#include "comet/hub.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/hub_test.h"

namespace comet {
namespace {

using support::body_of;
using support::data;
using support::Events;
using support::HubWorld;
using support::kEverything;
using support::Lines;
using support::lines_of;
using support::Transcript;
using Verb = Command::Verb;

// --- Two cores --------------------------------------------------------------------------------

class TwoHubs : public testing::Test {
 protected:
  HubWorld world_{support::hub_settings(), 2};
  std::string name_ = world_.name_at_home(0);
  Transcript stream(std::uint32_t session) {
    return support::read_endless(world_.session(session, 1).received, {Transport::kStream, true});
  }
};

TEST_F(TwoHubs, LeavingWhileJoiningLeavesNothingBehind) {
  const auto a = world_.subscribe(name_, Transport::kStream, 1, 1);
  EXPECT_EQ(world_.session(a, 1).received, "");
  world_.leave(a, 1);
  world_.end_turn(1);
  world_.settle();
  EXPECT_EQ(world_.session(a, 1).received, "");
  EXPECT_EQ(world_.ask(Verb::kInspect, name_).subscribers, 0u);
  world_.validate();
}

TEST_F(TwoHubs, APeerThatHalfClosedWhileJoiningGetsWhatCanBeAnsweredAtOnce) {
  world_.publish(name_, "x");
  const auto p = world_.subscribe(name_, Transport::kPoll, 1, 1);
  const auto waiting = world_.subscribe(name_, Transport::kPoll, 2, 1);
  const auto a = world_.subscribe(name_, Transport::kStream, 1, 1);
  for (const auto session : {p, waiting, a}) world_.half_close(session, 1);
  world_.settle();
  EXPECT_EQ(support::read_poll(world_.session(p, 1).received).events,
            (Events{{"data", name_, 1, "x"}}));
  EXPECT_EQ(world_.session(p, 1).ended, Ending::kComplete);
  EXPECT_EQ(world_.session(waiting, 1).received, "");
  EXPECT_EQ(world_.session(waiting, 1).ended, Ending::kBroken);
  EXPECT_EQ(stream(a).events, (Events{{"data", name_, 1, "x"}}));
  EXPECT_EQ(world_.session(a, 1).ended, Ending::kBroken);
}

TEST_F(TwoHubs, AnObserverThatLeavesWhileJoiningIsNotTakenForASubscriber) {
  const auto a = world_.subscribe(name_, Transport::kStream, 1, 1);
  world_.settle();
  const auto observer = world_.subscribe(name_, Transport::kTail, 1, 1);
  world_.leave(observer, 1);
  world_.settle();
  EXPECT_EQ(world_.ask(Verb::kInspect, name_).subscribers, 1u);
  world_.leave(a, 1);
  world_.settle();
  EXPECT_EQ(world_.ask(Verb::kInspect, name_).subscribers, 0u);
  world_.validate();
}

TEST_F(TwoHubs, ACloseUnderWayMeetsAJoinUnderWay) {
  world_.subscribe(name_, Transport::kStream, 1, 1);
  world_.settle();
  const auto late = world_.subscribe(name_, Transport::kStream, 1, 1);
  world_.command(Verb::kClose, name_, {}, 0);
  world_.publish(name_, "new");
  world_.settle();
  EXPECT_EQ(stream(late).events, (Events{{"data", name_, 1, "new"}}));
  world_.validate();
}

TEST_F(TwoHubs, PublishersAreRefusedWhileACoreDoesNotKeepUp) {
  world_.subscribe(name_, Transport::kStream, 1, 1);
  world_.settle();
  world_.wire(0).backlog_of_every_core = 5000;
  EXPECT_EQ(world_.ask(Verb::kPublish, name_, "x").outcome, Outcome::kOverloaded);
  world_.broadcast("x", 0);
  EXPECT_EQ(world_.wire(0).answers.back().outcome, Outcome::kOverloaded);
  world_.wire(0).backlog_of_every_core = 0;
  EXPECT_EQ(world_.ask(Verb::kPublish, name_, "x").seq, 1u);
}

// Who asks may hang up, and what was asked is still under way.
TEST_F(TwoHubs, OnlySoManyWalksThroughAllChannelsAreUnderWay) {
  const Survey::AboutChannels question;
  for (int i = 0; i < 8; ++i) world_.hub(0).ask_cores({0, 0}, question);
  EXPECT_TRUE(world_.wire(0).answers.empty());
  world_.hub(0).ask_cores({0, 0}, question);
  ASSERT_EQ(world_.wire(0).answers.size(), 1u);
  EXPECT_EQ(world_.wire(0).answers.back().outcome, Outcome::kOverloaded);
  world_.hub(0).ask_cores({0, 0}, Survey::AboutCore{});
  EXPECT_EQ(world_.wire(0).answers.size(), 1u) << "other questions are welcome";
  world_.settle();
  world_.hub(0).ask_cores({0, 0}, question);
  EXPECT_EQ(world_.wire(0).answers.size(), 1u);
  world_.settle();
}

TEST_F(TwoHubs, CountsAreOfTheWholeServer) {
  world_.publish(name_, "x");
  world_.publish(world_.name_at_home(1), "x");
  world_.subscribe(name_, Transport::kStream, 1, 0);
  world_.subscribe(name_, Transport::kStream, 1, 1);
  world_.settle();
  const CoreReport sum = sum_of(world_.ask_cores(1));
  EXPECT_EQ(sum.channels, 2u);
  EXPECT_EQ(sum.subscribers.total(), 2u);
}

TEST_F(TwoHubs, EveryoneOnEveryCoreCountsForWatchers) {
  const auto watcher = world_.watch_presence(1, kEverything, PresenceEvents::kSubscribers);
  world_.settle();
  const auto far = world_.subscribe(name_, Transport::kStream, 1, 1);
  world_.settle();
  world_.subscribe(name_, Transport::kPoll, 1, 0);
  world_.settle();
  world_.leave(far, 1);
  world_.settle();
  EXPECT_EQ(lines_of(world_.session(watcher, 1)),
            (Lines{"1 " + name_, "join 1 " + name_, "join 2 " + name_, "leave 1 " + name_}));
}

TEST_F(TwoHubs, PresenceIsOfTheWholeServer) {
  const auto watcher = world_.watch_presence(1);
  EXPECT_EQ(world_.session(watcher, 1).received, "") << "core 0 does not know yet";
  world_.settle();
  world_.publish(name_, "x");
  world_.settle();
  EXPECT_EQ(body_of(world_.session(watcher, 1).received),
            std::to_string(name_.size() + 3) + "\r\n1 " + name_ + "\n\r\n");
}

}  // namespace
}  // namespace comet

// Who looks on: observers of a channel, and those who are told of all.
#include "comet/hub.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/hub_test.h"

namespace comet {
namespace {

using support::body_of;
using support::close;
using support::data;
using support::Events;
using support::HubTest;
using support::kEverything;
using support::Lines;
using support::lines_of;
using Verb = Command::Verb;

// --- Observers --------------------------------------------------------------------------------

TEST_F(HubTest, AnObserverGetsWhatASubscriberGetsAndIsNotCounted) {
  HubSettings settings = support::hub_settings();
  settings.auth = Auth::kToken;
  settings.max_subscribers_per_channel = 0;
  use(settings);
  publish(1, 2);
  const auto observer = world().subscribe("a", Transport::kTail, 2);
  publish(3, 3);
  world().settle();
  EXPECT_EQ(events(observer), (Events{data(2, "2"), data(3, "3")}));
  EXPECT_EQ(world().hub().subscribers(), 0u);
  EXPECT_EQ(world().ask(Verb::kInspect, "a").subscribers, 0u);
}

TEST_F(HubTest, AnObserverOfNothingIsTold404AndCreatesNothing) {
  const auto observer = world().subscribe("a", Transport::kTail, 1);
  EXPECT_TRUE(session(observer).received.starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(session(observer).received.ends_with("\r\n\r\nchannel[a] not connected\n"));
  EXPECT_EQ(session(observer).ended, Ending::kComplete);
  world().settle();
  EXPECT_EQ(world().hub().channels(), 0u);
}

TEST_F(HubTest, AnObserverDoesNotKeepAChannelAliveAndIsToldOfItsEnd) {
  publish(1, 1);
  const auto observer = world().subscribe("a", Transport::kTail, 2);
  const auto gone = world().subscribe("a", Transport::kTail, 2);
  world().advance_ms(59'000);
  world().leave(gone);
  world().settle();
  EXPECT_EQ(world().hub().channels(), 1u);
  world().advance_ms(2000);
  world().settle();
  EXPECT_EQ(world().hub().channels(), 0u) << "nobody's leaving gave it more time";
  EXPECT_EQ(events(observer).back(), close(2));
  EXPECT_EQ(session(observer).ended, Ending::kComplete);
}

TEST_F(HubTest, SubscribersAreCountedRightBesideObservers) {
  const auto a = world().subscribe("a", Transport::kStream, 1);
  const auto observer = world().subscribe("a", Transport::kTail, 1);
  EXPECT_EQ(world().hub().subscribers(), 1u);
  EXPECT_EQ(world().ask(Verb::kInspect, "a").subscribers, 1u);
  world().leave(observer);
  world().settle();
  EXPECT_EQ(world().ask(Verb::kInspect, "a").subscribers, 1u);
  const auto again = world().subscribe("a", Transport::kTail, 1);
  world().leave(a);
  world().settle();
  EXPECT_EQ(world().ask(Verb::kInspect, "a").subscribers, 0u);
  world().advance_ms(61'000);
  world().settle();
  EXPECT_EQ(events(again).back(), close(1)) << "its last subscriber's leaving began its time";
}

// --- Presence ---------------------------------------------------------------------------------

TEST_F(HubTest, PresenceTellsOfChannelsThatAppearLiveOnAndGo) {
  world().publish("before", "x");
  const auto watcher = world().watch_presence();
  world().publish("a", "x");
  world().settle();
  EXPECT_EQ(body_of(session(watcher).received), "4\r\n1 a\n\r\n");
  world().ask(Verb::kClose, "a");
  EXPECT_EQ(body_of(session(watcher).received), "4\r\n1 a\n\r\n4\r\n0 a\n\r\n");
  session(watcher).received = "\r\n\r\n";
  world().subscribe("before", Transport::kStream, 1);
  world().advance_ms(60'500);
  world().settle();
  EXPECT_EQ(body_of(session(watcher).received), "9\r\n1 before\n\r\n");
  world().leave(watcher);
  world().settle();
  EXPECT_EQ(world().hub().subscribers(), 1u) << "watchers do not count";
}

TEST_F(HubTest, ABlockedWatcherGoesOnAtTheExactByte) {
  const auto watcher = world().watch_presence();
  session(watcher).room = 5;
  for (const char* name : {"a", "b", "c"}) world().publish(name, "x");
  world().settle();
  world().validate();
  world().grant(watcher, kEverything);
  EXPECT_EQ(body_of(session(watcher).received), "4\r\n1 a\n\r\n4\r\n1 b\n\r\n4\r\n1 c\n\r\n");
}

TEST_F(HubTest, WhoAsksForThemHearsOfSubscribersToo) {
  const auto watcher = world().watch_presence(0, kEverything, PresenceEvents::kSubscribers);
  const auto plain = world().watch_presence();
  const auto a = world().subscribe("a");
  world().settle();
  const auto b = world().subscribe("a");
  world().settle();
  world().leave(a);
  world().settle();
  world().leave(b);
  world().settle();
  EXPECT_EQ(lines_of(session(watcher)),
            (Lines{"1 a", "join 1 a", "join 2 a", "leave 1 a", "leave 0 a"}));
  EXPECT_EQ(lines_of(session(plain)), Lines{"1 a"});
}

TEST_F(HubTest, ManyWhoComeAndGoInOneTurnAreOneLineEach) {
  const auto watcher = world().watch_presence(0, kEverything, PresenceEvents::kSubscribers);
  const auto early = world().subscribe("a");
  world().settle();
  for (int i = 0; i < 10; ++i) world().subscribe("b");
  world().leave(early);
  for (int i = 0; i < 5; ++i) world().subscribe("a");
  world().settle();
  EXPECT_EQ(lines_of(session(watcher)),
            (Lines{"1 a", "join 1 a", "1 b", "join 10 b", "join 5 a", "leave 5 a"}));
}

TEST_F(HubTest, WithAChannelItsSubscribersLeave) {
  const auto watcher = world().watch_presence(0, kEverything, PresenceEvents::kSubscribers);
  world().subscribe("a");
  world().ask(Verb::kClose, "a");
  world().subscribe("a");
  world().settle();
  world().ask(Verb::kClose, "a");
  world().publish("a", "x");
  world().ask(Verb::kClose, "a");
  EXPECT_EQ(lines_of(session(watcher)), (Lines{"1 a", "join 1 a", "leave 0 a", "0 a", "1 a",
                                               "join 1 a", "leave 0 a", "0 a", "1 a", "0 a"}));
}

TEST_F(HubTest, WhoOnlyLooksIsNoSubscriberForWatchers) {
  world().publish("a", "x");
  const auto watcher = world().watch_presence(0, kEverything, PresenceEvents::kSubscribers);
  const auto tail = world().subscribe("a", Transport::kTail);
  world().settle();
  world().leave(tail);
  world().settle();
  EXPECT_EQ(lines_of(session(watcher)), Lines{});
}

TEST_F(HubTest, WhenNobodyListensForSubscribersAnyMoreNothingIsKept) {
  const auto watcher = world().watch_presence(0, kEverything, PresenceEvents::kSubscribers);
  world().subscribe("a");
  world().leave(watcher);
  world().settle();
  const auto plain = world().watch_presence();
  world().subscribe("a");
  world().subscribe("b");
  world().settle();
  EXPECT_EQ(lines_of(session(plain)), Lines{"1 b"});
  EXPECT_FALSE(world().hub().home().has_changes());
}

TEST(HubWatchers, WhileTooManyQuestionsAreOpenNobodyNewMayWatch) {
  support::HubWorld world(support::hub_settings(), 2);
  int watching = 0;
  for (; world.hub().takes_watchers() && watching < 5000; ++watching) {
    world.leave(world.watch_presence());
  }
  EXPECT_LT(watching, 5000);
  EXPECT_GT(watching, 100);
  world.settle();
  EXPECT_TRUE(world.hub().takes_watchers());
}

}  // namespace
}  // namespace comet

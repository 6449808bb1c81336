// Signs of life for those who hear nothing else, and who is taken for gone.
#include "comet/hub.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/hub_test.h"

namespace comet {
namespace {

using support::data;
using support::Events;
using support::HubTest;
using support::kEverything;
using support::noop;
using Verb = Command::Verb;

// --- Heartbeats -------------------------------------------------------------------------------

TEST_F(HubTest, HeartbeatsCountFromTheRequestsNumber) {
  SubscribeRequest request = world().request("a", Transport::kStream, 1);
  request.noop = 5;
  const auto a = world().subscribe(std::move(request));
  world().advance_ms(29'999);
  world().end_turn();
  EXPECT_EQ(events(a), Events{});
  world().advance_ms(1000);
  world().end_turn();
  EXPECT_EQ(events(a), (Events{noop(5)}));
  world().advance_ms(31'000);
  world().end_turn();
  EXPECT_EQ(events(a), (Events{noop(5), noop(6)}));
}

TEST_F(HubTest, ADeliveryPostponesTheHeartbeat) {
  const auto a = world().subscribe("a", Transport::kStream, 1);
  world().advance_ms(20'000);
  publish(1, 1);
  world().end_turn();
  world().advance_ms(29'000);
  world().end_turn();
  EXPECT_EQ(events(a), (Events{data(1, "1")}));
  world().advance_ms(2000);
  world().end_turn();
  EXPECT_EQ(events(a), (Events{data(1, "1"), noop(0)}));
}

TEST_F(HubTest, AHeartbeatEndsAPoll) {
  const auto p = world().subscribe("a", Transport::kPoll, 1);
  world().advance_ms(31'000);
  world().end_turn();
  EXPECT_EQ(poll(p).events, (Events{noop(0)}));
  EXPECT_FALSE(poll(p).array);
  EXPECT_EQ(session(p).ended, Ending::kComplete);
}

TEST_F(HubTest, AHeartbeatThatIsBegunIsFinished) {
  const auto a = world().subscribe("a", Transport::kStream, 1);
  session(a).room = 7;
  world().advance_ms(31'000);
  world().end_turn();
  publish(1, 1);
  world().end_turn();
  world().grant(a, kEverything);
  EXPECT_EQ(events(a), (Events{noop(0), data(1, "1")}));
}

TEST_F(HubTest, AFullSocketIsSentNoHeartbeat) {
  const auto a = world().subscribe("a", Transport::kStream, 1);
  session(a).room = 0;
  world().advance_ms(31'000);
  world().end_turn();
  world().advance_ms(31'000);
  world().end_turn();
  world().grant(a, kEverything);
  EXPECT_EQ(events(a), Events{});
}

TEST_F(HubTest, TheLargestHeartbeatNumberIsHarmless) {
  SubscribeRequest request = world().request("a", Transport::kStream, 1);
  request.noop = INT64_MAX;
  const auto a = world().subscribe(std::move(request));
  for (int i = 0; i < 2; ++i) {
    world().advance_ms(31'000);
    world().end_turn();
  }
  EXPECT_EQ(events(a).size(), 2u);
}

TEST_F(HubTest, TheNextDeadlineIsTheHeartbeats) {
  world().subscribe("a", Transport::kStream, 1);
  world().end_turn();
  const auto due = world().hub().next_deadline_us();
  ASSERT_TRUE(due);
  EXPECT_LE(*due, (world().now_ms() + 31'000) * 1000);
}

// --- Half-closed peers ------------------------------------------------------------------------

TEST_F(HubTest, AHalfClosedPeerThatWaitsIsEnded) {
  const auto a = world().subscribe("a", Transport::kStream, 1);
  world().half_close(a);
  EXPECT_EQ(session(a).ended, Ending::kBroken);
  world().settle();
  EXPECT_EQ(world().ask(Verb::kInspect, "a").subscribers, 0u);
}

}  // namespace
}  // namespace comet

// How hubs send their subscribers away: at which pace, and what each is told.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/hub_world.h"
#include "tests/support/transcript.h"

namespace comet {
namespace {

using support::Event;
using support::HubWorld;
using support::kEverything;
using support::Transcript;
using Verb = Command::Verb;

constexpr std::uint64_t kSecondUs = 1'000'000;
constexpr std::uint64_t kSeed = 42;

class DrainTest : public testing::Test {
 protected:
  explicit DrainTest(std::size_t cores = 1) : world_(support::hub_settings(), cores) {}
  ~DrainTest() override { world_.validate(); }

  Hub& hub(std::size_t core = 0) { return world_.hub(core); }
  void subscribe_many(std::size_t count, std::size_t core = 0) {
    for (std::size_t i = 0; i < count; ++i) {
      world_.subscribe("c" + std::to_string(i % 7), Transport::kStream, 1, core);
    }
    world_.settle();
  }
  Transcript endless(std::uint32_t session, Transport transport) {
    const Transcript transcript =
        support::read_endless(world_.session(session).received, {transport, true});
    EXPECT_EQ(transcript.error, "");
    EXPECT_EQ(transcript.tail, "");
    return transcript;
  }
  void pass(std::uint64_t us) {
    world_.advance_us(us);
    world_.settle();
  }

  HubWorld world_;
};

TEST_F(DrainTest, ManyGoEvenlyOverTheWholeTime) {
  constexpr std::size_t kMany = 5000;
  subscribe_many(kMany);
  hub().begin_drain(10 * kSecondUs, kSeed);
  for (std::uint64_t second = 1; second < 10; ++second) {
    pass(kSecondUs);
    const double left = static_cast<double>(hub().subscribers()) / kMany;
    EXPECT_NEAR(left, 1.0 - static_cast<double>(second) / 10, 0.03) << second;
    EXPECT_FALSE(hub().has_drained());
  }
  pass(kSecondUs);
  EXPECT_EQ(hub().subscribers(), 0u);
  EXPECT_TRUE(hub().has_drained());
  EXPECT_EQ(hub().closes()[CloseReason::kDraining], kMany);
}

TEST_F(DrainTest, FewDoNotHoldUpTheEnd) {
  subscribe_many(3);
  hub().begin_drain(3600 * kSecondUs, kSeed);
  pass(30'000);
  EXPECT_EQ(hub().subscribers(), 0u);
  EXPECT_TRUE(hub().has_drained());
}

TEST_F(DrainTest, WithoutSubscribersItIsOverAtOnce) {
  hub().begin_drain(10 * kSecondUs, kSeed);
  EXPECT_TRUE(hub().has_drained());
  EXPECT_FALSE(world_.end_turn());
  EXPECT_EQ(hub().next_deadline_us(), std::nullopt);
}

TEST_F(DrainTest, WithoutTimeAllGoAtOnceButInSlices) {
  subscribe_many(1000);
  hub().begin_drain(0, kSeed);
  EXPECT_TRUE(world_.end_turn());
  EXPECT_EQ(hub().subscribers(), 1000u - 64);
  world_.settle();
  EXPECT_EQ(hub().subscribers(), 0u);
}

TEST_F(DrainTest, TheOrderIsShuffled) {
  subscribe_many(512);
  hub().begin_drain(10 * kSecondUs, kSeed);
  pass(kSecondUs);
  // Of those who came in a row, some have gone in every part of the row.
  for (std::uint32_t part = 0; part < 8; ++part) {
    std::size_t gone = 0;
    for (std::uint32_t i = part * 64; i < (part + 1) * 64; ++i) {
      gone += world_.session(i).listening ? 0 : 1;
    }
    EXPECT_GT(gone, 5u) << part;
    EXPECT_LT(gone, 40u) << part;
  }
}

TEST_F(DrainTest, EachIsToldWhatItsTransportCanBeTold) {
  const auto stream = world_.subscribe("a", Transport::kStream, 1);
  const auto iframe = world_.subscribe("a", Transport::kIframe, 1);
  const auto sse = world_.subscribe("a", Transport::kSse, 1);
  const auto poll = world_.subscribe("a", Transport::kPoll, 1);
  world_.command(Verb::kPublish, "b", "x");
  hub().begin_drain(0, kSeed);
  world_.settle();
  for (const auto session : {stream, iframe, sse, poll}) {
    EXPECT_EQ(world_.session(session).ended, Ending::kLast);
  }
  EXPECT_FALSE(endless(stream, Transport::kStream).last_chunk);
  EXPECT_FALSE(endless(iframe, Transport::kIframe).last_chunk);
  const Transcript events = endless(sse, Transport::kSse);
  EXPECT_FALSE(events.last_chunk);
  ASSERT_TRUE(events.retry_ms);
  EXPECT_GE(*events.retry_ms, 1000u);
  EXPECT_LE(*events.retry_ms, 5000u);
  const Transcript answer = support::read_poll(world_.session(poll).received);
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.events, (std::vector<Event>{{"noop", "a", 0, ""}}));
  EXPECT_NE(answer.head.find("Connection: close\r\n"), std::string::npos);
}

TEST_F(DrainTest, WhatWaitsInTheWindowLeavesFirst) {
  const auto stream = world_.subscribe("a", Transport::kStream, 1);
  const auto poll = world_.subscribe("a", Transport::kPoll, 1);
  hub().begin_drain(0, kSeed);
  world_.publish("a", "one");
  world_.settle();
  EXPECT_EQ(endless(stream, Transport::kStream).events,
            (std::vector<Event>{{"data", "a", 1, "one"}}));
  const Transcript answer = support::read_poll(world_.session(poll).received);
  EXPECT_EQ(answer.events, (std::vector<Event>{{"data", "a", 1, "one"}}));
  EXPECT_NE(answer.head.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(world_.session(poll).ended, Ending::kLast);
}

TEST_F(DrainTest, ABlockedSubscriberGetsItsBacklogAndThenGoes) {
  const auto slow = world_.subscribe("a", Transport::kSse, 1);
  world_.session(slow).room = 10;
  world_.publish("a", "one");
  world_.end_turn();
  hub().begin_drain(0, kSeed);
  world_.settle();
  EXPECT_TRUE(world_.session(slow).listening);
  EXPECT_TRUE(hub().has_drained()) << "its time has come; what is left is its socket's matter";
  EXPECT_FALSE(world_.end_turn()) << "and nobody spins for it";
  world_.publish("a", "two");
  world_.settle();
  world_.grant(slow, 20);
  EXPECT_TRUE(world_.session(slow).listening);
  world_.grant(slow, kEverything);
  EXPECT_EQ(world_.session(slow).ended, Ending::kLast);
  const Transcript transcript = endless(slow, Transport::kSse);
  EXPECT_EQ(transcript.events,
            (std::vector<Event>{{"data", "a", 1, "one"}, {"data", "a", 2, "two"}}));
  EXPECT_TRUE(transcript.retry_ms);
}

TEST_F(DrainTest, WhoComesMeanwhileGetsWhatThereIsAndGoes) {
  world_.publish("a", "one");
  const auto stays = world_.subscribe("a", Transport::kStream, 2);
  hub().begin_drain(10 * kSecondUs, kSeed);
  const auto stream = world_.subscribe("a", Transport::kStream, 1);
  const auto waiting = world_.subscribe("a", Transport::kPoll, 2);
  const auto poll = world_.subscribe("a", Transport::kPoll, 1);
  EXPECT_TRUE(world_.session(stays).listening);
  EXPECT_EQ(world_.session(stream).ended, Ending::kLast);
  const Transcript got = endless(stream, Transport::kStream);
  EXPECT_EQ(got.events, (std::vector<Event>{{"data", "a", 1, "one"}}));
  EXPECT_NE(got.head.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(support::read_poll(world_.session(waiting).received).events,
            (std::vector<Event>{{"noop", "a", 0, ""}}));
  EXPECT_EQ(support::read_poll(world_.session(poll).received).events,
            (std::vector<Event>{{"data", "a", 1, "one"}}));
}

TEST_F(DrainTest, PresenceStays) {
  const auto watcher = world_.watch_presence();
  hub().begin_drain(0, kSeed);
  world_.publish("a", "one");
  world_.settle();
  EXPECT_TRUE(world_.session(watcher).listening);
  EXPECT_NE(world_.session(watcher).received.find("1 a\n"), std::string::npos);
  EXPECT_TRUE(hub().has_drained());
}

class TwoCoresDrain : public DrainTest {
 protected:
  TwoCoresDrain() : DrainTest(2) {}
};

TEST_F(TwoCoresDrain, AJoinThatIsUnderWayIsAnsweredAndEnds) {
  const std::string name = world_.name_at_home(1);
  const auto session = world_.subscribe(name, Transport::kStream, 1, 0);
  hub(0).begin_drain(10 * kSecondUs, kSeed);
  EXPECT_TRUE(hub(0).has_drained());
  EXPECT_TRUE(world_.session(session).listening);
  world_.settle();
  EXPECT_EQ(world_.session(session).ended, Ending::kLast);
  EXPECT_TRUE(world_.session(session).received.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(world_.ask(Verb::kInspect, name, {}, 1).subscribers, 0u);
}

TEST_F(TwoCoresDrain, PublishesGoOnFromAnyCoreToThoseWhoAreLeft) {
  const std::string name = world_.name_at_home(1);
  std::vector<std::uint32_t> sessions;
  for (int i = 0; i < 1000; ++i) {
    sessions.push_back(world_.subscribe(name, Transport::kStream, 1, 0));
  }
  world_.settle();
  hub(0).begin_drain(10 * kSecondUs, kSeed);
  hub(1).begin_drain(10 * kSecondUs, kSeed);
  std::int64_t published = 0;
  for (int i = 0; i < 10; ++i) {
    const Answer answer = world_.ask(Verb::kPublish, name, "x", 1);
    EXPECT_EQ(answer.outcome, Outcome::kOk);
    ++published;
    // Whoever is still there has all of it.
    for (const auto session : sessions) {
      if (!world_.session(session).listening) continue;
      const auto events = endless(session, Transport::kStream).events;
      ASSERT_EQ(events.size(), static_cast<std::size_t>(published));
    }
    pass(kSecondUs);
  }
  EXPECT_EQ(hub(0).subscribers(), 0u);
  EXPECT_TRUE(hub(0).has_drained() && hub(1).has_drained());
}

}  // namespace
}  // namespace comet

// What slow readers get and cost: history part by part, and what happens to those who are lapped.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/hub_world.h"
#include "tests/support/transcript.h"

namespace comet {
namespace {

using support::Event;
using support::HubWorld;
using support::kEverything;
using Events = std::vector<Event>;

constexpr Framing kStream{Transport::kStream, true};
constexpr std::size_t kPart = 32 * 1024;  // of a history, as a subscriber fetches it
constexpr std::size_t kContent = 1000;

Event next_seq(std::int64_t seq) { return {"next_seq", "a", seq, ""}; }
Event close(std::int64_t seq) { return {"close", "a", seq, ""}; }

class ReplayTest : public testing::Test {
 protected:
  // Of `cores`, the last has the subscribers and the first the channel.
  void use(SlowSubscriber policy, std::uint32_t buffer = 500, std::size_t cores = 1) {
    HubSettings settings = support::hub_settings();
    settings.channel_buffer_size = buffer;
    settings.slow_subscriber = policy;
    world_ = std::make_unique<HubWorld>(settings, cores);
    core_ = cores - 1;
  }
  ~ReplayTest() override { world_->validate(); }

  static Event data(std::int64_t seq) {
    std::string content = std::to_string(seq);
    content.resize(kContent, '.');
    return {"data", "a", seq, content};
  }
  static Events all(std::int64_t from, std::int64_t to) {
    Events events;
    for (std::int64_t seq = from; seq <= to; ++seq) events.push_back(data(seq));
    return events;
  }
  void publish(std::int64_t from, std::int64_t to) {
    for (std::int64_t seq = from; seq <= to; ++seq) {
      world_->publish("a", data(seq).content, core_);
      world_->settle();
    }
  }
  std::uint32_t subscribe(std::int64_t wanted, std::size_t room = kEverything) {
    const std::uint32_t session = world_->subscribe("a", Transport::kStream, wanted, core_, room);
    world_->settle();
    return session;
  }
  void grant(std::uint32_t session, std::size_t bytes) {
    world_->grant(session, bytes, core_);
    world_->settle();
  }
  support::MemorySession& session(std::uint32_t index) { return world_->session(index, core_); }
  Events events(std::uint32_t index) {
    const support::Transcript transcript = support::read_endless(session(index).received, kStream);
    EXPECT_EQ(transcript.error, "");
    EXPECT_EQ(transcript.tail, "");
    return transcript.events;
  }
  [[nodiscard]] std::uint64_t lagging() const {
    return world_->hub(core_).closes()[CloseReason::kLagging];
  }

  std::unique_ptr<HubWorld> world_;
  std::size_t core_ = 0;
};

TEST_F(ReplayTest, ANewcomerWhoReadsGetsAllPartsOneAfterTheOther) {
  use(SlowSubscriber::kClose);
  publish(1, 200);
  EXPECT_EQ(events(subscribe(1)), all(1, 200));
}

TEST_F(ReplayTest, ANewcomerWhoDoesNotReadCostsOnePartAtMost) {
  use(SlowSubscriber::kClose);
  publish(1, 500);
  const auto a = subscribe(1, 10);
  EXPECT_LT(session(a).kept.size(), kPart + 2 * kContent);
  publish(501, 520);
  EXPECT_LT(session(a).kept.size(), kPart + 2 * kContent);
}

TEST_F(ReplayTest, WhoReadsSlowlyGetsEverythingIfItIsStillKept) {
  use(SlowSubscriber::kClose);
  publish(1, 100);
  const auto a = subscribe(1, 10);
  std::int64_t next = 101;
  for (int reads = 0; reads < 200; ++reads) {
    grant(a, 2500);
    if (next <= 150) {
      publish(next, next);
      ++next;
    }
  }
  EXPECT_EQ(events(a), all(1, next - 1));
  publish(next, next);
  EXPECT_EQ(events(a), all(1, next)) << "and goes on live";
}

TEST_F(ReplayTest, TheLastPartAndTheFirstLiveMessageMeetAcrossCores) {
  use(SlowSubscriber::kClose, 500, 2);
  publish(1, 120);
  // Messages and parts pass each other in every order that mailboxes allow.
  const auto a = world_->subscribe("a", Transport::kStream, 1, core_);
  std::int64_t next = 121;
  for (int step = 0; step < 400; ++step) {
    if (step % 3 == 0 && next <= 200) {
      world_->publish("a", data(next).content, core_);
      ++next;
    }
    if (world_->lanes_with_mail() > 0) {
      world_->deliver_nth(static_cast<std::size_t>(step) % world_->lanes_with_mail());
    }
    world_->end_turn(core_);
    world_->validate();
  }
  world_->settle();
  EXPECT_EQ(events(a), all(1, next - 1));
}

TEST_F(ReplayTest, WhatANewcomerDidNotFetchInTimeClosesIt) {
  use(SlowSubscriber::kClose, 100);
  publish(1, 100);
  const auto a = subscribe(1, 10);
  publish(101, 300);
  EXPECT_FALSE(session(a).ended) << "nobody is closed for what it may still fetch";
  grant(a, kEverything);
  EXPECT_EQ(session(a).ended, Ending::kBroken);
  EXPECT_EQ(lagging(), 1u);
}

TEST_F(ReplayTest, OrIsSkippedAndSaidSo) {
  use(SlowSubscriber::kSkip, 100);
  publish(1, 100);
  const auto a = subscribe(1, 10);
  publish(101, 300);
  grant(a, kEverything);
  const Events got = events(a);
  ASSERT_GT(got.size(), 101u);
  const auto gap = static_cast<std::ptrdiff_t>(got.size() - 101);
  EXPECT_EQ(Events(got.begin(), got.begin() + gap), all(1, gap)) << "the part that it had";
  EXPECT_EQ(got[static_cast<std::size_t>(gap)], next_seq(201));
  EXPECT_EQ(Events(got.begin() + gap + 1, got.end()), all(201, 300));
  EXPECT_EQ(lagging(), 0u);
  EXPECT_EQ(world_->hub(core_).counters().gaps, 1u);
}

TEST_F(ReplayTest, WhoFellOutOfTheWindowLosesNothingThatTheHomeStillHas) {
  use(SlowSubscriber::kSkip, 500);
  const auto a = subscribe(1);
  session(a).room = 20;
  publish(1, 200);  // the window keeps 64
  grant(a, kEverything);
  EXPECT_EQ(events(a), all(1, 200));
  publish(201, 201);
  EXPECT_EQ(events(a), all(1, 201));
}

TEST_F(ReplayTest, WhatWasBegunIsFinishedBeforeTheGapAtEveryByte) {
  use(SlowSubscriber::kSkip, 30);
  std::vector<std::uint32_t> slow;
  for (std::size_t room = 0; room < 1050; room += 11) {
    slow.push_back(subscribe(1));
    session(slow.back()).room = room;
  }
  publish(1, 200);
  for (std::size_t i = 0; i < slow.size(); ++i) {
    const bool begun = i > 0;
    grant(slow[i], kEverything);
    const Events got = events(slow[i]);
    const std::size_t first = begun ? 1 : 0;
    ASSERT_EQ(got.size(), first + 31) << i;
    if (begun) {
      EXPECT_EQ(got[0], data(1));
    }
    EXPECT_EQ(got[first], next_seq(171));
    EXPECT_EQ(Events(got.begin() + static_cast<std::ptrdiff_t>(first) + 1, got.end()),
              all(171, 200));
  }
  publish(201, 201);
  for (const std::uint32_t index : slow) EXPECT_EQ(events(index).back(), data(201));
}

TEST_F(ReplayTest, AStalledReaderIsToldOfItsGapOnceHoweverMuchIsPublished) {
  use(SlowSubscriber::kSkip, 10);
  const auto a = subscribe(1);
  session(a).room = 20;
  publish(1, 2000);
  EXPECT_LT(session(a).kept.size(), 2 * kContent) << "the rest of one message";
  grant(a, kEverything);
  Events expected{data(1), next_seq(1991)};
  const Events rest = all(1991, 2000);
  expected.insert(expected.end(), rest.begin(), rest.end());
  EXPECT_EQ(events(a), expected);
}

TEST_F(ReplayTest, ClosingAChannelEndsThoseInReplay) {
  use(SlowSubscriber::kClose);
  publish(1, 200);
  const auto a = subscribe(1, 10);
  world_->command(Command::Verb::kClose, "a", {}, core_);
  world_->settle();
  EXPECT_EQ(session(a).ended, Ending::kComplete);
  EXPECT_EQ(world_->hub(core_).subscribers(), 0u);
  grant(a, kEverything);
  EXPECT_EQ(events(a).back(), close(201));
}

TEST_F(ReplayTest, OneWhoLeavesDuringItsReplayLeavesNothingBehind) {
  use(SlowSubscriber::kClose, 500, 2);
  publish(1, 200);
  const auto a = world_->subscribe("a", Transport::kStream, 1, core_);
  while (world_->mail() > 0 && session(a).received.empty()) world_->deliver_nth(0);
  world_->end_turn(core_);  // its next part is on the way
  world_->leave(a, core_);
  world_->settle();
  EXPECT_EQ(world_->hub(core_).subscribers(), 0u);
}

TEST_F(ReplayTest, APollGetsAllThatWaitsInOneAnswer) {
  use(SlowSubscriber::kClose);
  publish(1, 200);
  const auto a = world_->subscribe("a", Transport::kPoll, 1, core_);
  world_->settle();
  const support::Transcript transcript = support::read_poll(session(a).received);
  EXPECT_EQ(transcript.events, all(1, 200));
}

// --- After a crash ----------------------------------------------------------------------------

class ReplayAfterACrashTest : public ReplayTest {
 protected:
  // Of the numbers [5, 45) messages are left, and from 1000 on everything is new.
  void crash() {
    use(SlowSubscriber::kClose);
    Home& home = world_->hub().home();
    home.number_from(1000);
    ChannelRecord record;
    record.next = 50;
    History run(5);
    for (const Event& event : all(5, 44)) {
      run.append(MessageRef::make(Message::Type::kData, event.content));
    }
    record.runs.push_back(std::move(run));
    ASSERT_TRUE(home.restore(world_->named("a"), std::move(record), 60'000));
    publish(1000, 1099);
  }
};

TEST_F(ReplayAfterACrashTest, WhatIsLeftComesFirstThenTheNumberBehindTheGapThenAllParts) {
  crash();
  Events expected = all(20, 44);
  expected.push_back(next_seq(1000));
  for (const Event& event : all(1000, 1099)) expected.push_back(event);
  EXPECT_EQ(events(subscribe(20)), expected);
  const auto slow = subscribe(20, 10);
  for (int reads = 0; reads < 200; ++reads) grant(slow, 2500);
  EXPECT_EQ(events(slow), expected) << "however slowly it is read";
}

TEST_F(ReplayAfterACrashTest, APollAsksAgainBehindTheGap) {
  crash();
  const auto a = world_->subscribe("a", Transport::kPoll, 43, core_);
  world_->settle();
  EXPECT_EQ(support::read_poll(session(a).received).events,
            (Events{data(43), data(44), next_seq(1000)}));
  const auto b = world_->subscribe("a", Transport::kPoll, 1000, core_);
  world_->settle();
  EXPECT_EQ(support::read_poll(session(b).received).events, all(1000, 1099));
}

}  // namespace
}  // namespace comet

// Local halves alone, with a test in the place of the home.
#include "comet/audiences.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/hub_world.h"
#include "tests/support/memory_wire.h"
#include "tests/support/transcript.h"

namespace comet {
namespace {

class AudiencesTest : public testing::Test, private Outbox {
 protected:
  ~AudiencesTest() override { audiences_.validate(); }

  std::uint32_t subscribe() {
    SubscribeRequest request;
    request.name = {"a", 99};
    const std::uint32_t session = wire_.open();
    wire_[session].subscriber = audiences_.subscribe(session, std::move(request));
    return session;
  }
  template <class T>
  T take() {
    EXPECT_FALSE(sent_.empty());
    T message = std::get<T>(std::move(sent_.front()));
    sent_.erase(sent_.begin());
    return message;
  }
  // The home lets in who asked first.
  Ref let_in(std::uint64_t next = 1) {
    const Join join = take<Join>();
    Joined joined;
    joined.audience = join.audience;
    joined.subscriber = join.subscriber;
    joined.channel = {3, 1};
    joined.replay.messages.restart(next);
    joined.replay.next = next;
    audiences_.joined(std::move(joined));
    return join.audience;
  }
  void deliver(Ref audience, std::uint64_t seq) {
    audiences_.deliver({audience, seq, MessageRef::make(Message::Type::kData, "x")});
  }
  std::vector<std::int64_t> numbers(std::uint32_t session) {
    std::vector<std::int64_t> result;
    const auto transcript =
        support::read_endless(wire_[session].received, {Transport::kStream, true});
    EXPECT_EQ(transcript.error, "");
    for (const support::Event& event : transcript.events) result.push_back(event.seq);
    return result;
  }
  void leave(std::uint32_t session) {
    wire_[session].listening = false;
    audiences_.leave(wire_[session].subscriber);
  }

  HubSettings settings_ = support::hub_settings();
  support::MemoryWire wire_;
  std::vector<HubMessage> sent_;
  Audiences audiences_{settings_, wire_, *this, {1'000'000, 0}};

 private:
  void send(std::size_t, HubMessage&& message) override { sent_.push_back(std::move(message)); }
  [[nodiscard]] bool congested(std::size_t) const override { return false; }
};

TEST_F(AudiencesTest, TheHomeIsToldOnceATurnOfAllWhoLeft) {
  const auto a = subscribe();
  const auto b = subscribe();
  let_in();
  const Ref audience = let_in();
  leave(a);
  leave(b);
  EXPECT_TRUE(sent_.empty());
  audiences_.review();
  const Leave told = take<Leave>();
  EXPECT_EQ(told.count, 2u);
  EXPECT_EQ(told.channel, (Ref{3, 1}));
  EXPECT_EQ(told.audience, audience);
}

TEST_F(AudiencesTest, WhoLeftIsToldBeforeWhoComes) {
  const auto a = subscribe();
  let_in();
  leave(a);
  subscribe();
  EXPECT_EQ(take<Leave>().count, 1u);
  let_in();
}

TEST_F(AudiencesTest, AMessageForThoseWhoLeftIsDropped) {
  const auto a = subscribe();
  const Ref audience = let_in();
  leave(a);
  deliver(audience, 1);
  audiences_.review();
  deliver(audience, 2);
  EXPECT_FALSE(audiences_.sweep(100));
  EXPECT_TRUE(numbers(a).empty());
}

TEST_F(AudiencesTest, WhoComesAfterAllLeftStartsWhereItsHomeSays) {
  const auto a = subscribe();
  const Ref audience = let_in();
  leave(a);
  deliver(audience, 1);  // under way when they left
  const auto b = subscribe();
  take<Leave>();
  let_in(8);
  deliver(audience, 8);
  audiences_.sweep(100);
  EXPECT_EQ(numbers(b), (std::vector<std::int64_t>{8}));
}

TEST_F(AudiencesTest, ASweepServesAtMostItsBudget) {
  Ref audience;
  for (int i = 0; i < 10; ++i) {
    subscribe();
    audience = let_in();
  }
  deliver(audience, 1);
  EXPECT_TRUE(audiences_.sweep(4));
  audiences_.validate();
  EXPECT_EQ(audiences_.counters().deliveries, 4u);
  deliver(audience, 2);
  EXPECT_TRUE(audiences_.sweep(6));
  EXPECT_EQ(audiences_.counters().deliveries, 4u + 12u) << "these get both in one send";
  EXPECT_FALSE(audiences_.sweep(100));
  EXPECT_EQ(audiences_.counters().deliveries, 20u);
  EXPECT_EQ(audiences_.counters().sends, 10u + 4u + 6u + 4u);
}

TEST_F(AudiencesTest, WhoLeavesInTheMiddleOfAPassMakesNobodyMissOrRepeat) {
  for (std::uint32_t leaver = 0; leaver < 10; ++leaver) {
    std::vector<std::uint32_t> all;
    Ref audience;
    for (int i = 0; i < 10; ++i) {
      all.push_back(subscribe());
      audience = let_in();
    }
    deliver(audience, 1);
    audiences_.sweep(5);
    leave(all[leaver]);
    audiences_.validate();
    while (audiences_.sweep(3)) audiences_.validate();
    for (std::uint32_t i = 0; i < 10; ++i) {
      const bool missed = i == leaver && leaver >= 5;
      EXPECT_EQ(numbers(all[i]).size(), missed ? 0u : 1u) << i << " when " << leaver << " left";
      if (i != leaver) leave(all[i]);
    }
    audiences_.review();
    sent_.clear();
  }
}

// --- Channels that are closed -------------------------------------------------------------------

class ClosedAudienceTest : public AudiencesTest {
 protected:
  static constexpr std::size_t kSeats = 200;

  ClosedAudienceTest() {
    for (std::size_t i = 0; i < kSeats; ++i) {
      all_.push_back(subscribe());
      audience_ = let_in();
    }
    deliver(audience_, 1);
  }
  [[nodiscard]] std::size_t ended() {
    return static_cast<std::size_t>(std::ranges::count_if(
        all_, [&](std::uint32_t session) { return wire_[session].ended.has_value(); }));
  }
  void sweep_up() {
    while (audiences_.sweep(64)) audiences_.validate();
  }

  std::vector<std::uint32_t> all_;
  Ref audience_;
};

TEST_F(ClosedAudienceTest, ItsSubscribersAreToldInSlices) {
  audiences_.sweep(10);
  audiences_.closed({audience_});
  audiences_.validate();
  EXPECT_EQ(ended(), 0u);
  EXPECT_TRUE(audiences_.sweep(70));
  EXPECT_EQ(ended(), 70u);
  audiences_.validate();
  sweep_up();
  EXPECT_EQ(ended(), kSeats);
  for (const std::uint32_t session : all_) {
    EXPECT_EQ(numbers(session), (std::vector<std::int64_t>{1, 2})) << "the message, and the end";
  }
  EXPECT_EQ(audiences_.closes()[CloseReason::kChannelClosed], kSeats);
  audiences_.review();
  EXPECT_TRUE(audiences_.is_empty());
  EXPECT_TRUE(sent_.empty()) << "the home has forgotten the channel, and needs no Leave";
}

TEST_F(ClosedAudienceTest, TheNameIsFreeMeanwhile) {
  audiences_.closed({audience_});
  EXPECT_TRUE(audiences_.sweep(70));
  const auto newcomer = subscribe();
  const Ref next = let_in(1);
  deliver(next, 1);
  sweep_up();
  EXPECT_EQ(ended(), kSeats);
  EXPECT_FALSE(wire_[newcomer].ended.has_value());
  EXPECT_EQ(numbers(newcomer), (std::vector<std::int64_t>{1}));
  leave(newcomer);
}

TEST_F(ClosedAudienceTest, WhoLeavesMeanwhileMakesNobodyMissIt) {
  audiences_.closed({audience_});
  EXPECT_TRUE(audiences_.sweep(70));
  std::size_t left = 0;
  for (std::size_t i = 0; i < kSeats; i += 7) {
    if (wire_[all_[i]].ended) continue;
    leave(all_[i]);
    ++left;
    audiences_.validate();
  }
  sweep_up();
  EXPECT_EQ(ended(), kSeats - left);
}

TEST_F(ClosedAudienceTest, WhoIsBlockedIsToldWhenThereIsRoom) {
  for (std::size_t i = 0; i < kSeats; i += 3) wire_[all_[i]].room = 5;
  audiences_.closed({audience_});
  sweep_up();
  const std::size_t blocked = (kSeats + 2) / 3;
  EXPECT_EQ(ended(), kSeats - blocked);
  audiences_.validate();
  for (std::size_t i = 0; i < kSeats; i += 3) {
    if (wire_.grant(all_[i], support::kEverything)) audiences_.writable(wire_[all_[i]].subscriber);
  }
  EXPECT_EQ(ended(), kSeats);
  EXPECT_EQ(numbers(all_[0]), (std::vector<std::int64_t>{1, 2}));
}

TEST_F(ClosedAudienceTest, AHeartbeatThatIsDueMeanwhileIsLeftOut) {
  sweep_up();
  audiences_.closed({audience_});
  audiences_.begin_turn({32'000'000, 0});
  EXPECT_FALSE(audiences_.beat(1000, 32'000'000));
  sweep_up();
  EXPECT_EQ(numbers(all_[0]), (std::vector<std::int64_t>{1, 2}));
}

class RestingAudienceTest : public AudiencesTest {
 protected:
  static constexpr std::uint64_t kStartUs = 1'000'000;
  static constexpr std::size_t kSeats = 100;

  RestingAudienceTest() {
    settings_.coalesce_us = 300;
    for (std::size_t i = 0; i < kSeats; ++i) {
      listener_ = subscribe();
      audience_ = let_in();
    }
    deliver(audience_, 1);
    EXPECT_FALSE(audiences_.sweep(1000));
  }
  void begin_turn_after_us(std::uint64_t us) { audiences_.begin_turn({kStartUs + us, 0}); }
  std::size_t heard() { return numbers(listener_).size(); }

  Ref audience_;
  std::uint32_t listener_ = 0;
};

TEST_F(RestingAudienceTest, TheFirstMessageLeavesAtOnce) { EXPECT_EQ(heard(), 1u); }

TEST_F(RestingAudienceTest, WhatComesWhileItRestsLeavesTogetherAfterwards) {
  for (std::uint64_t seq = 2; seq < 10; ++seq) deliver(audience_, seq);
  EXPECT_EQ(audiences_.next_deadline_us(), kStartUs + 300);
  begin_turn_after_us(299);
  EXPECT_FALSE(audiences_.sweep(1000)) << "nothing to do at once";
  EXPECT_EQ(heard(), 1u);
  audiences_.validate();
  begin_turn_after_us(300);
  EXPECT_FALSE(audiences_.sweep(1000));
  EXPECT_EQ(heard(), 9u);
  EXPECT_EQ(audiences_.counters().sends, 3 * kSeats) << "the heads, and two passes";
  EXPECT_NE(audiences_.next_deadline_us(), kStartUs + 600) << "nobody waits: no need to wake up";
}

TEST_F(RestingAudienceTest, WhatComesAfterItsRestLeavesAtOnce) {
  begin_turn_after_us(300);
  deliver(audience_, 2);
  EXPECT_FALSE(audiences_.sweep(1000));
  EXPECT_EQ(heard(), 2u);
}

TEST_F(RestingAudienceTest, TheEndOfAChannelDoesNotWait) {
  deliver(audience_, 2);
  audiences_.closed({audience_});
  EXPECT_FALSE(audiences_.sweep(1000));
  EXPECT_EQ(heard(), 3u) << "both messages, and the end";
}

TEST_F(RestingAudienceTest, WhatItWaitedForMayLeave) {
  deliver(audience_, 2);
  for (std::uint32_t session = 0; session <= listener_; ++session) leave(session);
  audiences_.review();
  begin_turn_after_us(300);
  EXPECT_FALSE(audiences_.sweep(1000));
  EXPECT_EQ(audiences_.next_deadline_us(), std::nullopt);
  sent_.clear();
}

TEST_F(AudiencesTest, FewSubscribersDoNotRest) {
  settings_.coalesce_us = 300;
  const auto a = subscribe();
  const Ref audience = let_in();
  for (std::uint64_t seq = 1; seq < 5; ++seq) {
    deliver(audience, seq);
    audiences_.sweep(100);
    EXPECT_EQ(numbers(a).size(), seq);
  }
}

TEST_F(AudiencesTest, HeartbeatsAreCutIntoBudgets) {
  for (int i = 0; i < 10; ++i) {
    subscribe();
    let_in();
  }
  audiences_.begin_turn({32'000'000, 0});
  EXPECT_TRUE(audiences_.beat(4, 32'000'000));
  EXPECT_FALSE(audiences_.beat(100, 32'000'000));
}

}  // namespace
}  // namespace comet

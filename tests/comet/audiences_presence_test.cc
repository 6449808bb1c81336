// Those on /psub, on a core alone: they have a bound like other subscribers, and know when they
// missed something.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "comet/audiences.h"
#include "tests/support/hub_world.h"
#include "tests/support/memory_wire.h"

namespace comet {
namespace {

class AudiencesPresenceTest : public testing::Test, private Outbox {
 protected:
  AudiencesPresenceTest() {
    settings_.cores = 3;
    settings_.backlog_bytes_max = 4096;
    audiences_.reconfigured();
  }
  ~AudiencesPresenceTest() override { audiences_.validate(); }

  // Its response begins by begin().
  std::uint32_t watch(PresenceEvents events, std::size_t room = support::kEverything) {
    const std::uint32_t session = wire_.open(room);
    watchers_.push_back(
        audiences_.subscribe_presence(session, events, {Transport::kPresence, true}, true));
    wire_[session].subscriber = watchers_.back().index;
    return session;
  }
  void begin() {
    for (const Ref watcher : std::exchange(watchers_, {})) audiences_.begin_presence(watcher);
  }
  void line(std::string_view text) {
    audiences_.presence({PresenceEvents::kChannels, MessageRef::make(Message::Type::kData, text)});
  }
  [[nodiscard]] std::size_t unwatched() const {
    return static_cast<std::size_t>(std::ranges::count_if(sent_, [](const HubMessage& message) {
      return std::holds_alternative<UnwatchPresence>(message);
    }));
  }
  [[nodiscard]] std::uint64_t lagging() const { return audiences_.closes()[CloseReason::kLagging]; }

  HubSettings settings_ = support::hub_settings();
  support::MemoryWire wire_;
  std::vector<HubMessage> sent_;
  std::vector<Ref> watchers_;
  Audiences audiences_{settings_, wire_, *this, {1'000'000, 0}};

 private:
  void send(std::size_t, HubMessage&& message) override { sent_.push_back(std::move(message)); }
  [[nodiscard]] bool congested(std::size_t) const override { return false; }
};

TEST_F(AudiencesPresenceTest, AWatcherWhoDoesNotReadIsEndedWhenTheBacklogIsFull) {
  const auto reads = watch(PresenceEvents::kChannels);
  const auto stalls = watch(PresenceEvents::kChannels, 1000);
  begin();
  std::size_t lines = 0;
  for (; !wire_[stalls].ended && lines < 1000; ++lines) {
    line("1 " + std::string(97, 'c') + "\n");
    audiences_.sweep(100);
    EXPECT_LE(audiences_.memory().buffers, 4096u * 2 + 4096);
  }
  EXPECT_EQ(wire_[stalls].ended, Ending::kBroken);
  EXPECT_LE(lines, 10u + 4096 / 100 + 2);
  EXPECT_EQ(lagging(), 1u);
  EXPECT_FALSE(wire_[reads].ended.has_value());
}

TEST_F(AudiencesPresenceTest, WhenLinesWereLeftOutEverybodyIsEnded) {
  const auto begun = watch(PresenceEvents::kChannels);
  const auto of_subscribers = watch(PresenceEvents::kSubscribers);
  begin();
  const auto joining = watch(PresenceEvents::kChannels);
  audiences_.cut_presence();
  for (const auto session : {begun, of_subscribers, joining}) {
    EXPECT_EQ(wire_[session].ended, Ending::kBroken) << session;
  }
  EXPECT_EQ(lagging(), 3u);
  begin();
  EXPECT_EQ(wire_[joining].received, "") << "nothing begins that has ended";
  audiences_.review();
  EXPECT_EQ(unwatched(), 2u * 3) << "each core hears of either kind";

  const auto later = watch(PresenceEvents::kChannels);
  begin();
  line("1 a\n");
  audiences_.sweep(100);
  EXPECT_TRUE(wire_[later].received.ends_with("1 a\n\r\n"));
}

TEST_F(AudiencesPresenceTest, WhereNobodyWatchesNothingIsEnded) {
  audiences_.cut_presence();
  EXPECT_EQ(lagging(), 0u);
}

}  // namespace
}  // namespace comet

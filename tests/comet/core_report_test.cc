// What hubs report after traffic that is known exactly.
#include "comet/core_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "comet/transport.h"
#include "tests/support/hub_world.h"

namespace comet {
namespace {

using support::HubWorld;
using Verb = Command::Verb;

TEST(CoreReport, SumsAreOverAllCores) {
  std::vector<CoreReport> cores(2);
  for (std::size_t i = 0; i < cores.size(); ++i) {
    CoreReport& core = cores[i];
    core.core = i;
    core.connections = 1 + i;
    core.subscribers[Transport::kSse] = 2;
    core.messages_in = 3;
    core.deliveries.deliveries = 4;
    core.turns.record(5);
    core.memory.history = 6;
    core.closes.add(CloseReason::kIdle);
    core.mail = {{7 + i, 0}, {9 - 4 * i, 1}};
  }
  const CoreReport sum = sum_of(cores);
  EXPECT_EQ(sum.connections, 3u);
  EXPECT_EQ(sum.subscribers.total(), 4u);
  EXPECT_EQ(sum.messages_in, 6u);
  EXPECT_EQ(sum.deliveries.deliveries, 8u);
  EXPECT_EQ(sum.turns.turn_us.count(), 2u);
  EXPECT_EQ(sum.memory.history, 12u);
  EXPECT_EQ(sum.closes[CloseReason::kIdle], 2u);
  EXPECT_EQ(longest_mail_to(0, cores), 8u);
  EXPECT_EQ(longest_mail_to(1, cores), 9u);
}

class CoreReportOfHubs : public testing::TestWithParam<std::size_t> {
 protected:
  ~CoreReportOfHubs() override { world_.validate(); }

  CoreReport sum() { return sum_of(world_.ask_cores()); }
  // One subscriber on each core.
  void subscribe_everywhere(Transport transport, std::int64_t wanted = 1) {
    for (std::size_t core = 0; core < world_.cores(); ++core) {
      world_.subscribe(name_, transport, wanted, core);
    }
    world_.settle();
  }
  std::uint64_t cores() const { return world_.cores(); }

  HubWorld world_{support::hub_settings(), GetParam()};
  std::string name_ = world_.name_at_home(0);
};
INSTANTIATE_TEST_SUITE_P(Cores, CoreReportOfHubs, testing::Values(1, 2, 4));

TEST_P(CoreReportOfHubs, EveryCoreAnswersInItsPlace) {
  const std::vector<CoreReport> reports = world_.ask_cores();
  ASSERT_EQ(reports.size(), cores());
  for (std::size_t core = 0; core < cores(); ++core) EXPECT_EQ(reports[core].core, core);
}

TEST_P(CoreReportOfHubs, SubscribersAreCountedByTransport) {
  subscribe_everywhere(Transport::kStream);
  subscribe_everywhere(Transport::kPoll);
  const auto extra = world_.subscribe(name_, Transport::kSse, 1, cores() - 1);
  world_.subscribe(name_, Transport::kIframe);
  world_.watch_presence();
  world_.settle();
  SubscriberCounts counts = sum().subscribers;
  EXPECT_EQ(counts[Transport::kStream], cores());
  EXPECT_EQ(counts[Transport::kPoll], cores());
  EXPECT_EQ(counts[Transport::kSse], 1u);
  EXPECT_EQ(counts[Transport::kIframe], 1u);
  EXPECT_EQ(counts.total(), 2 * cores() + 2) << "/psub is no subscriber";
  world_.leave(extra, cores() - 1);
  world_.publish(name_, "answers the polls");
  world_.settle();
  counts = sum().subscribers;
  EXPECT_EQ(counts[Transport::kSse], 0u);
  EXPECT_EQ(counts[Transport::kPoll], 0u);
}

TEST_P(CoreReportOfHubs, DeliveriesAndWritesAreExact) {
  subscribe_everywhere(Transport::kStream);
  const std::uint64_t heads = sum().deliveries.sends;
  for (int i = 0; i < 3; ++i) world_.publish(name_, "together");
  world_.settle();
  const CoreReport report = sum();
  EXPECT_EQ(report.messages_in, 3u);
  EXPECT_EQ(report.deliveries.deliveries, 3 * cores());
  EXPECT_EQ(report.deliveries.sends - heads, cores()) << "three messages leave in one write";
  world_.broadcast("all");
  world_.settle();
  EXPECT_EQ(sum().messages_in, 4u);
}

TEST_P(CoreReportOfHubs, TheLagIsFromTheReceiptToTheEndOfTheTurn) {
  subscribe_everywhere(Transport::kStream);
  world_.publish(name_, "x");
  while (world_.mail() > 0) world_.deliver_nth(0);
  world_.advance_us(300);
  world_.settle();
  reactor::Histogram lag = sum().delivery_lag_us;
  EXPECT_EQ(lag.count(), cores()) << "once for each core that delivers it";
  EXPECT_EQ(lag.sum(), 300 * cores());
  world_.advance_ms(1);
  world_.publish(name_, "y");
  world_.settle();
  lag = sum().delivery_lag_us;
  EXPECT_EQ(lag.count(), 2 * cores());
  EXPECT_EQ(lag.sum(), 300 * cores()) << "in the turn that it was received in";
}

TEST_P(CoreReportOfHubs, ASweepIsAsLongAsItsSubscribers) {
  for (int i = 0; i < 300; ++i) world_.subscribe(name_, Transport::kStream, 1, 0);
  world_.subscribe("nobody else", Transport::kPoll, 1);
  world_.settle();
  world_.publish(name_, "cut into several turns");
  world_.publish("nobody else", "x");
  world_.settle();
  const reactor::Histogram sweeps = sum().sweep_subscribers;
  EXPECT_EQ(sweeps.count(), 2u);
  EXPECT_EQ(sweeps.max(), 300u);
  EXPECT_EQ(sweeps.sum(), 301u);
}

TEST_P(CoreReportOfHubs, WhoIsBehindLagsUntilItCatchesUpOrLeaves) {
  const auto slow = world_.subscribe(name_, Transport::kStream, 1, 0, 1000);
  const auto gone = world_.subscribe(name_, Transport::kStream, 1, 0, 1000);
  world_.settle();
  world_.publish(name_, std::string(5000, 'x'));
  world_.settle();
  CoreReport report = sum();
  EXPECT_EQ(report.lagging, 2u);
  EXPECT_GT(report.memory.buffers, 5000u) << "the window keeps what they have not been sent";
  EXPECT_EQ(report.deliveries.deliveries, 0u);
  world_.grant(slow, 100'000);
  EXPECT_EQ(sum().lagging, 1u);
  world_.leave(gone);
  report = sum();
  EXPECT_EQ(report.lagging, 0u);
  EXPECT_EQ(report.memory.buffers, 0u);
  EXPECT_EQ(report.deliveries.deliveries, 1u);
}

TEST_P(CoreReportOfHubs, HistoryIsWhatTheReplayBuffersHold) {
  const std::uint64_t none = sum().memory.history;
  EXPECT_EQ(none, 0u);
  const std::string content(1000, 'x');
  for (int i = 0; i < 25; ++i) world_.publish(name_, content);  // ten are kept
  world_.settle();
  const std::uint64_t full = sum().memory.history;
  EXPECT_GT(full, 10'000u);
  EXPECT_LT(full, 11'000u);
  world_.ask(Verb::kClear, name_);
  EXPECT_EQ(sum().memory.history, 0u);
  world_.publish(name_, content);
  world_.ask(Verb::kClose, name_);
  EXPECT_EQ(sum().memory.history, 0u);
}

TEST_P(CoreReportOfHubs, ChannelsGrowTheirMemoryAndLongNamesTheirs) {
  const std::uint64_t before = sum().memory.channels;
  world_.publish(std::string(200, 'n'), "x");
  world_.settle();
  const std::uint64_t with_one = sum().memory.channels;
  EXPECT_GE(with_one, before + 200);
  for (int i = 0; i < 999; ++i) world_.publish(std::to_string(i), "x");
  world_.settle();
  EXPECT_EQ(sum().channels, 1000u);
  EXPECT_GT(sum().memory.channels, with_one + 700 * sizeof(Channel));
}

TEST_P(CoreReportOfHubs, AChannelIsDescribedByItsHomeAndCountedByAll) {
  subscribe_everywhere(Transport::kStream);
  world_.subscribe(name_, Transport::kPoll, 1, cores() - 1);
  world_.settle();
  world_.advance_ms(5000);
  for (int i = 0; i < 12; ++i) world_.publish(name_, "12345");
  world_.settle();
  world_.advance_ms(2000);
  std::vector<ChannelReport> reports = world_.ask_about(name_);
  ASSERT_EQ(reports.size(), cores());
  for (std::size_t core = 0; core < cores(); ++core) {
    EXPECT_EQ(reports[core].home.has_value(), core == 0);
    EXPECT_EQ(reports[core].subscribers[Transport::kStream], 1u);
    EXPECT_EQ(reports[core].subscribers[Transport::kPoll], 0u) << "it was answered";
  }
  const ChannelReport::Home& home = *reports[0].home;
  EXPECT_EQ(home.subscribers, cores());
  EXPECT_EQ(home.first_seq, 3u);
  EXPECT_EQ(home.next_seq, 13u);
  EXPECT_EQ(home.bytes, 50u);
  EXPECT_EQ(home.age_s, 7u);
  EXPECT_EQ(home.last_message_age_s, 2u);
  EXPECT_EQ(home.expires_s, std::nullopt);
}

TEST_P(CoreReportOfHubs, AChannelWithoutSubscribersSaysWhenItExpires) {
  EXPECT_EQ(world_.ask_about(name_)[0].home.has_value(), false);
  world_.ask(Verb::kSign, name_, {}, 0, 90);
  EXPECT_EQ(world_.ask_about(name_)[0].home->last_message_age_s, std::nullopt);
  EXPECT_EQ(world_.ask_about(name_)[0].home->expires_s, 90u);
  world_.advance_ms(89'001);
  EXPECT_EQ(world_.ask_about(name_)[0].home->expires_s, 1u);
}

TEST_P(CoreReportOfHubs, WhatIsRefusedAndClosedIsCounted) {
  HubSettings settings = support::hub_settings();
  settings.max_channels = 1;
  HubWorld small(settings, GetParam());
  small.subscribe("a", Transport::kStream, 1);
  small.settle();
  small.subscribe("b", Transport::kStream, 1);
  small.settle();
  small.ask(Verb::kClose, "a");
  const CloseCounts closes = sum_of(small.ask_cores()).closes;
  EXPECT_EQ(closes[CloseReason::kTooManyChannels], 1u);
  EXPECT_EQ(closes[CloseReason::kChannelClosed], 1u);
  EXPECT_EQ(closes[CloseReason::kLagging], 0u);
}

}  // namespace
}  // namespace comet

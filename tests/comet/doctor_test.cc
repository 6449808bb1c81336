#include "comet/doctor.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comet {
namespace {

using reactor::HostFacts;
using reactor::kUnlimited;
using testing::HasSubstr;

constexpr std::uint64_t kSubscribers = 100'000;
constexpr std::uint64_t kKept = 11;
constexpr std::uint64_t kAtRest = (16u << 20) + kSubscribers * (524 + 4096);
constexpr std::uint64_t kAtWorst = kAtRest + kSubscribers * 4096;

Load hundred_thousand() {
  Load load;
  load.subscribers = kSubscribers;
  load.reactors = 2;
  load.cpus = 2;
  load.descriptors_kept = kKept;
  load.max_memory = 1u << 30;
  return load;
}

// A machine that is large enough, and tells everything.
HostFacts large_machine() {
  HostFacts facts;
  facts.descriptors_soft = 1024;
  facts.descriptors_hard = 1'000'000;
  facts.nr_open = 1'000'000;
  facts.file_max = kUnlimited;
  facts.files_open = 1000;
  facts.epoll_max_user_watches = 10'000'000;
  facts.somaxconn = 65'535;
  facts.tcp_max_syn_backlog = 65'535;
  facts.tcp_syncookies = 0;
  facts.tcp_pressure_pages = 1'000'000;
  facts.tcp_max_pages = 2'000'000;
  facts.conntrack_max = 1'000'000;
  facts.conntrack_count = 500;
  facts.memory_available = 64ull << 30;
  facts.group_memory_bytes = kUnlimited;
  facts.group_tasks = kUnlimited;
  facts.group_cpu_millis = 2000;
  return facts;
}

Diagnosis find(const std::vector<Diagnosis>& diagnoses, std::string_view what) {
  const auto found = std::ranges::find(diagnoses, what, &Diagnosis::what);
  if (found == diagnoses.end()) {
    ADD_FAILURE() << "no diagnosis about " << what;
    return {};
  }
  return *found;
}

bool has(const std::vector<Diagnosis>& diagnoses, std::string_view what) {
  return std::ranges::find(diagnoses, what, &Diagnosis::what) != diagnoses.end();
}

Diagnosis find(const Load& load, const HostFacts& facts, std::string_view what) {
  return find(examine(load, facts), what);
}

TEST(Doctor, ALargeMachineIsFineInEverything) {
  const auto diagnoses = examine(hundred_thousand(), large_machine());
  EXPECT_EQ(diagnoses.size(), 17u);
  for (const Diagnosis& diagnosis : diagnoses) {
    EXPECT_EQ(diagnosis.verdict, Verdict::kFine) << diagnosis.what;
    EXPECT_EQ(diagnosis.remedy, "") << diagnosis.what;
    EXPECT_TRUE(diagnosis.why.ends_with('.')) << diagnosis.what;
  }
  EXPECT_EQ(worst(diagnoses), Verdict::kFine);
}

// A fact, the least of it that suffices, and what one less is.
struct Bound {
  std::string_view what;
  reactor::Fact HostFacts::*fact;
  std::uint64_t needed;
  Verdict below;
  std::string_view remedy;
};

class DoctorBounds : public testing::TestWithParam<Bound> {};

TEST_P(DoctorBounds, AsMuchAsNeededIsFineAndOneLessIsNot) {
  const Bound& bound = GetParam();
  HostFacts facts = large_machine();
  facts.*bound.fact = bound.needed;
  const Diagnosis enough = find(hundred_thousand(), facts, bound.what);
  EXPECT_EQ(enough.verdict, Verdict::kFine);
  EXPECT_EQ(enough.needed, bound.needed);
  EXPECT_EQ(enough.current, bound.needed);

  facts.*bound.fact = bound.needed - 1;
  const Diagnosis short_of = find(hundred_thousand(), facts, bound.what);
  EXPECT_EQ(short_of.verdict, bound.below);
  EXPECT_THAT(short_of.remedy, HasSubstr(bound.remedy));

  facts.*bound.fact = bound.needed + 1;
  EXPECT_EQ(find(hundred_thousand(), facts, bound.what).verdict, Verdict::kFine);
}

INSTANTIATE_TEST_SUITE_P(
    All, DoctorBounds,
    testing::Values(
        Bound{"fs.nr_open", &HostFacts::nr_open, kSubscribers + kKept, Verdict::kInTheWay,
              "sysctl -w fs.nr_open=110000"},
        Bound{"fs.file-max", &HostFacts::file_max, kSubscribers + kKept + 1000, Verdict::kInTheWay,
              "sysctl -w fs.file-max=110000"},
        Bound{"RLIMIT_NOFILE (hard)", &HostFacts::descriptors_hard, kSubscribers + kKept,
              Verdict::kInTheWay, "LimitNOFILE=110000"},
        Bound{"fs.epoll.max_user_watches", &HostFacts::epoll_max_user_watches, kSubscribers + kKept,
              Verdict::kInTheWay, "sysctl -w fs.epoll.max_user_watches=110000"},
        Bound{"net.core.somaxconn", &HostFacts::somaxconn, 5000, Verdict::kTight,
              "sysctl -w net.core.somaxconn=5000"},
        Bound{"net.ipv4.tcp_max_syn_backlog", &HostFacts::tcp_max_syn_backlog, 5000,
              Verdict::kTight, "sysctl -w net.ipv4.tcp_max_syn_backlog=5000"},
        Bound{"net.ipv4.tcp_mem (pressure)", &HostFacts::tcp_pressure_pages, kSubscribers,
              Verdict::kTight, "sysctl -w net.ipv4.tcp_mem=\"75000 100000 150000\""},
        Bound{"net.netfilter.nf_conntrack_max", &HostFacts::conntrack_max, kSubscribers + 500,
              Verdict::kInTheWay, "sysctl -w net.netfilter.nf_conntrack_max=110000"},
        Bound{"available memory", &HostFacts::memory_available, kAtWorst, Verdict::kTight,
              "more memory"},
        Bound{"control group: memory", &HostFacts::group_memory_bytes, kAtWorst, Verdict::kTight,
              "MemoryMax=850M"},
        Bound{"control group: tasks", &HostFacts::group_tasks, 6, Verdict::kInTheWay, "TasksMax=6"},
        Bound{"control group: CPU", &HostFacts::group_cpu_millis, 2000, Verdict::kTight,
              "CPUQuota=200%"}));

TEST(Doctor, MemoryThatDoesNotSufficeAtRestIsInTheWay) {
  HostFacts facts = large_machine();
  facts.memory_available = kAtRest;
  EXPECT_EQ(find(hundred_thousand(), facts, "available memory").verdict, Verdict::kTight);
  facts.memory_available = kAtRest - 1;
  EXPECT_EQ(find(hundred_thousand(), facts, "available memory").verdict, Verdict::kInTheWay);
}

TEST(Doctor, ABudgetForMemoryHasRoomForTheSubscribersAndIsThere) {
  constexpr std::string_view kWhat = "limits.max_memory";
  constexpr std::uint64_t kNeeded = kSubscribers * 524;
  constexpr std::uint64_t kSockets = kSubscribers * (4096 + 4096);
  constexpr std::uint64_t kThere = 2'000'000'000;
  Load load = hundred_thousand();
  HostFacts facts = large_machine();
  facts.memory_available = kThere + kSockets;
  const auto verdict = [&](std::uint64_t budget) {
    load.max_memory = budget;
    return find(load, facts, kWhat).verdict;
  };
  EXPECT_EQ(verdict(kNeeded - 1), Verdict::kInTheWay);
  EXPECT_EQ(verdict(kNeeded), Verdict::kFine);
  EXPECT_EQ(verdict(kThere), Verdict::kFine);
  EXPECT_EQ(verdict(kThere + 1), Verdict::kTight);
  EXPECT_EQ(verdict(kUnlimited), Verdict::kTight);
  EXPECT_EQ(find(load, facts, kWhat).remedy, "limits.max_memory = 2000000000 in the configuration");

  facts.group_memory_bytes = 1'239'999'999 + kSockets;
  EXPECT_EQ(verdict(kThere), Verdict::kTight) << "a control group has less than the machine";
  EXPECT_EQ(find(load, facts, kWhat).remedy, "limits.max_memory = 1200000000 in the configuration");
  EXPECT_EQ(verdict(1'200'000'000), Verdict::kFine);
  facts.group_memory_bytes = kSockets;
  EXPECT_EQ(verdict(kUnlimited), Verdict::kTight);
  EXPECT_EQ(find(load, facts, kWhat).remedy, "limits.max_memory = 52400000 in the configuration");
}

TEST(Doctor, ABudgetForMemoryIsNotJudgedWhereTheMemoryIsNotKnown) {
  Load load = hundred_thousand();
  EXPECT_EQ(find(load, HostFacts{}, "limits.max_memory").verdict, Verdict::kFine);
  load.max_memory = kUnlimited;
  EXPECT_EQ(find(load, HostFacts{}, "limits.max_memory").verdict, Verdict::kUnknown);
}

TEST(Doctor, LessTcpMemoryThanAMessageForEverybodyIsInTheWay) {
  HostFacts facts = large_machine();
  facts.tcp_pressure_pages = 50'000;
  facts.tcp_max_pages = kSubscribers;
  EXPECT_EQ(find(hundred_thousand(), facts, "net.ipv4.tcp_mem (pressure)").verdict,
            Verdict::kTight);
  facts.tcp_max_pages = kSubscribers - 1;
  EXPECT_EQ(find(hundred_thousand(), facts, "net.ipv4.tcp_mem (pressure)").verdict,
            Verdict::kInTheWay);
}

TEST(Doctor, TheDescriptorLimitThatItNamesIsOneThatCanBeSet) {
  Load load = hundred_thousand();
  load.subscribers = 1'000'000;
  HostFacts facts = large_machine();
  facts.descriptors_hard = 20'000;
  EXPECT_THAT(find(load, facts, "RLIMIT_NOFILE (hard)").remedy, HasSubstr("ulimit -n 1000011 "));
  facts.nr_open = 1'048'576;
  EXPECT_THAT(find(load, facts, "RLIMIT_NOFILE (hard)").remedy, HasSubstr("ulimit -n 1048576 "));
  facts.nr_open = 10'000'000;
  EXPECT_THAT(find(load, facts, "RLIMIT_NOFILE (hard)").remedy, HasSubstr("ulimit -n 1100000 "));
}

TEST(Doctor, SynCookiesMakeASmallSynBacklogDo) {
  HostFacts facts = large_machine();
  facts.tcp_max_syn_backlog = 128;
  facts.tcp_syncookies = 1;
  EXPECT_EQ(find(hundred_thousand(), facts, "net.ipv4.tcp_max_syn_backlog").verdict,
            Verdict::kFine);
}

TEST(Doctor, ConnectionTrackingWithoutConnectionsIsOnlyTight) {
  HostFacts facts = large_machine();
  facts.conntrack_max = 1000;
  facts.conntrack_count = 0;
  EXPECT_EQ(find(hundred_thousand(), facts, "net.netfilter.nf_conntrack_max").verdict,
            Verdict::kTight);
}

TEST(Doctor, WhatThisMachineDoesNotHaveIsNotMentioned) {
  HostFacts facts = large_machine();
  facts.conntrack_max.reset();
  facts.group_memory_bytes.reset();
  facts.group_tasks.reset();
  facts.group_cpu_millis.reset();
  const auto diagnoses = examine(hundred_thousand(), facts);
  EXPECT_EQ(diagnoses.size(), 13u);
  EXPECT_FALSE(has(diagnoses, "net.netfilter.nf_conntrack_max"));
}

TEST(Doctor, WhatIsNotKnownIsSaidAndDoesNotCount) {
  const auto diagnoses = examine(hundred_thousand(), HostFacts{});
  EXPECT_EQ(find(diagnoses, "fs.nr_open").verdict, Verdict::kUnknown);
  EXPECT_EQ(find(diagnoses, "available memory").verdict, Verdict::kUnknown);
  EXPECT_EQ(worst(diagnoses), Verdict::kFine);
}

TEST(Doctor, TheQueueOfConnectionsIsNeverAskedToBeTinyOrHuge) {
  Load load = hundred_thousand();
  load.subscribers = 1;
  EXPECT_EQ(find(load, large_machine(), "net.core.somaxconn").needed, 128u);
  load.subscribers = 10'000'000;
  EXPECT_EQ(find(load, large_machine(), "net.core.somaxconn").needed, 65'535u);
}

TEST(Doctor, MoreReactorsThanCpusAreTight) {
  Load load = hundred_thousand();
  load.reactors = 3;
  EXPECT_EQ(find(load, large_machine(), "CPUs").verdict, Verdict::kTight);
}

TEST(Doctor, HeartbeatsMayTakeHalfOfTheTime) {
  Load load = hundred_thousand();
  HostFacts facts = large_machine();
  const auto verdict = [&] { return find(load, facts, "CPU for heartbeats, twice over").verdict; };
  load.polling_timeout_s = 1;  // 0.93 of two CPUs
  EXPECT_EQ(verdict(), Verdict::kFine);
  facts.group_cpu_millis = 1000;
  EXPECT_EQ(verdict(), Verdict::kTight);
  facts.group_cpu_millis = 929;
  EXPECT_EQ(verdict(), Verdict::kInTheWay);
}

TEST(Doctor, TheConfigurationMustHaveRoom) {
  Load load = hundred_thousand();
  load.max_channels = 100;
  load.max_subscribers_per_channel = 1000;
  constexpr std::string_view kWhat = "front.max_channels × max_subscribers_per_channel";
  EXPECT_EQ(find(load, large_machine(), kWhat).verdict, Verdict::kFine);
  load.max_subscribers_per_channel = 999;
  EXPECT_EQ(find(load, large_machine(), kWhat).verdict, Verdict::kInTheWay);
  load.max_channels = kUnlimited;
  EXPECT_EQ(find(load, large_machine(), kWhat).verdict, Verdict::kFine);
  constexpr std::string_view kConnections = "front.max_connections";
  EXPECT_EQ(find(load, large_machine(), kConnections).verdict, Verdict::kFine);
  load.max_connections = kSubscribers;
  EXPECT_EQ(find(load, large_machine(), kConnections).verdict, Verdict::kFine);
  load.max_connections = kSubscribers - 1;
  EXPECT_EQ(find(load, large_machine(), kConnections).verdict, Verdict::kInTheWay);
}

TEST(Doctor, TheLoadFollowsTheConfiguration) {
  Config config;
  config.front.listen = {"127.0.0.1:1", "127.0.0.1:2"};
  config.front.polling_timeout_s = 7;
  config.front.max_channels = 8;
  config.front.max_subscribers_per_channel = 9;
  const Load load = load_of(10, config, 4);
  EXPECT_EQ(load.subscribers, 10u);
  EXPECT_EQ(load.cpus, 4u);
  EXPECT_EQ(load.reactors, 4u);  // 0: one for each CPU
  EXPECT_EQ(load.descriptors_kept, 5u + 4 * (3 + 3 + 16) + 64);
  EXPECT_EQ(load.polling_timeout_s, 7u);
  EXPECT_EQ(load.max_channels, 8u);
  EXPECT_EQ(load.max_subscribers_per_channel, 9u);
  EXPECT_EQ(load.max_connections, kUnlimited);
  EXPECT_EQ(load.max_memory, kUnlimited);
  config.front.max_connections = 5;
  EXPECT_EQ(load_of(10, config, 4).max_connections, 5u);
  config.limits.max_memory = 6;
  EXPECT_EQ(load_of(10, config, 4).max_memory, 6u);
  config.reactors = 1;
  EXPECT_EQ(load_of(10, config, 4).reactors, 1u);
}

TEST(Doctor, TheWorstFindingDecides) {
  HostFacts facts = large_machine();
  facts.somaxconn = 128;
  EXPECT_EQ(worst(examine(hundred_thousand(), facts)), Verdict::kTight);
  facts.nr_open = 1024;
  EXPECT_EQ(worst(examine(hundred_thousand(), facts)), Verdict::kInTheWay);
}

}  // namespace
}  // namespace comet

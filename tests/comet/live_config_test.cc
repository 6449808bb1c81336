#include "comet/live_config.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace comet {
namespace {

std::unique_ptr<const Snapshot> snapshot_of(std::uint32_t number) {
  Config config;
  config.front.channel_buffer_size = number;
  config.front.allow_origins = {std::string(100, static_cast<char>('a' + number % 26))};
  auto snapshot = Snapshot::make(std::move(config));
  return std::move(*snapshot);
}

std::uint32_t number_of(const Snapshot& snapshot) {
  return snapshot.config().front.channel_buffer_size;
}

TEST(Snapshot, KnowsWhoMayUseTheAdminPort) {
  Config config;
  config.admin.allow = {"10.0.0.0/8"};
  const auto snapshot = Snapshot::make(config);
  ASSERT_TRUE(snapshot.ok());
  EXPECT_FALSE(
      (*snapshot)->admission.standing(Port::kAdmin, *reactor::IpAddress::parse("10.1.2.3")).denied);
  EXPECT_TRUE(
      (*snapshot)->admission.standing(Port::kAdmin, *reactor::IpAddress::parse("11.1.2.3")).denied);
}

TEST(Snapshot, OfAListThatIsWrongIsASentence) {
  Config config;
  config.admin.allow = {"10.0.0.0/99"};
  const auto snapshot = Snapshot::make(config);
  ASSERT_FALSE(snapshot.ok());
  EXPECT_NE(snapshot.error().find("10.0.0.0/99"), std::string::npos);
}

TEST(LiveConfig, WhatIsPublishedIsTheNewestAndTheOldOneLivesUntilEveryCoreHasLeftIt) {
  LiveConfig live(snapshot_of(1), 2);
  const Snapshot& first = live.newest();
  EXPECT_EQ(number_of(first), 1u);
  live.publish(snapshot_of(2));
  EXPECT_EQ(number_of(live.newest()), 2u);
  EXPECT_EQ(number_of(first), 1u) << "a core may still read it";
  EXPECT_EQ(live.alive(), 2u);
  live.adopted(0, live.newest());
  live.adopted(1, live.newest());
  live.await_adoption();
  EXPECT_EQ(live.alive(), 1u);
}

TEST(LiveConfig, SeveralPublishedBeforeACoreLooksAreOneStepForIt) {
  LiveConfig live(snapshot_of(1), 1);
  for (std::uint32_t i = 2; i <= 5; ++i) live.publish(snapshot_of(i));
  live.adopted(0, live.newest());
  live.await_adoption();
  EXPECT_EQ(live.alive(), 1u);
  EXPECT_EQ(number_of(live.newest()), 5u);
}

// Under the sanitizers: no core reads what was freed, and no two threads race.
TEST(LiveConfig, CoresThatSwitchAtTheTopOfTheirTurnsNeverSeeAFreedSnapshot) {
  constexpr std::size_t kCores = 3;
  constexpr std::uint32_t kReloads = 500;
  LiveConfig live(snapshot_of(0), kCores);
  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> backwards{0};
  std::vector<std::thread> cores;
  const Snapshot* const first = &live.newest();
  for (std::size_t core = 0; core < kCores; ++core) {
    cores.emplace_back([&, core] {
      const Snapshot* in_force = first;
      while (!stopping.load(std::memory_order_relaxed)) {
        if (const Snapshot* newest = &live.newest(); newest != in_force) {
          if (number_of(*newest) <= number_of(*in_force)) ++backwards;
          in_force = newest;
          live.adopted(core, *in_force);
        }
        if (in_force->config().front.allow_origins.front().size() != 100) ++backwards;
        std::this_thread::yield();
      }
    });
  }
  for (std::uint32_t i = 1; i <= kReloads; ++i) {
    live.publish(snapshot_of(i));
    live.await_adoption();
    EXPECT_EQ(live.alive(), 1u);
  }
  stopping = true;
  for (std::thread& core : cores) core.join();
  EXPECT_EQ(backwards, 0u);
}

}  // namespace
}  // namespace comet

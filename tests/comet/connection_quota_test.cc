#include "comet/connection_quota.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace comet {
namespace {

TEST(ConnectionQuota, TheLastPlaceIsTakenAndNoneBeyond) {
  ConnectionQuota quota;
  EXPECT_FALSE(quota.take(0));
  EXPECT_TRUE(quota.take(2));
  EXPECT_TRUE(quota.take(2));
  EXPECT_FALSE(quota.take(2));
  EXPECT_EQ(quota.taken(), 2u);
  quota.give_back();
  EXPECT_TRUE(quota.take(2));
  EXPECT_FALSE(quota.take(2));
}

TEST(ConnectionQuota, ALowerLimitLetsNobodyInUntilThereIsRoom) {
  ConnectionQuota quota;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(quota.take(3));
  EXPECT_FALSE(quota.take(1));
  for (int i = 0; i < 3; ++i) quota.give_back();
  EXPECT_TRUE(quota.take(1));
}

TEST(ConnectionQuota, IsExactOverThreads) {
  constexpr std::uint64_t kMax = 1000;
  ConnectionQuota quota;
  std::atomic<std::uint64_t> in{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 5000; ++n) {
        if (quota.take(kMax)) in.fetch_add(1);
        if (n % 7 == 0 && in.load() > 10) {
          in.fetch_sub(1);
          quota.give_back();
        }
        EXPECT_LE(quota.taken(), kMax);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(quota.taken(), in.load());
}

}  // namespace
}  // namespace comet

#include "comet/address_counts.h"

#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace comet {
namespace {

AddressKey key(std::string_view text) {
  const auto address = reactor::IpAddress::parse(text);
  EXPECT_TRUE(address.ok()) << text;
  return address_key(*address);
}

TEST(AddressCounts, AnIpv4AddressIsOneClient) {
  EXPECT_EQ(key("10.1.2.3"), key("10.1.2.3"));
  EXPECT_NE(key("10.1.2.3"), key("10.1.2.4"));
  EXPECT_EQ(key("10.1.2.3"), key("::ffff:10.1.2.3"));
}

TEST(AddressCounts, AnIpv6NetworkOf64BitsIsOneClient) {
  EXPECT_EQ(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  EXPECT_NE(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
  EXPECT_NE(key("::1"), key("0.0.0.0"));
}

TEST(AddressCounts, TheLastPlaceIsTakenAndNoneBeyond) {
  AddressCounts counts;
  EXPECT_FALSE(counts.take(1, 0));
  EXPECT_TRUE(counts.take(1, 2));
  EXPECT_TRUE(counts.take(1, 2));
  EXPECT_FALSE(counts.take(1, 2));
  EXPECT_TRUE(counts.take(2, 2)) << "another address has places of its own";
  counts.give_back(1);
  EXPECT_TRUE(counts.take(1, 2));
  EXPECT_EQ(counts.count(1), 2u);
}

TEST(AddressCounts, WhoHasNoneTakesNoMemory) {
  AddressCounts counts;
  for (AddressKey address = 0; address < 1000; ++address) EXPECT_TRUE(counts.take(address, 1));
  EXPECT_EQ(counts.addresses(), 1000u);
  for (AddressKey address = 0; address < 1000; ++address) counts.give_back(address);
  EXPECT_EQ(counts.addresses(), 0u);
  EXPECT_EQ(counts.count(7), 0u);
}

TEST(AddressCounts, IsExactOverThreads) {
  AddressCounts counts;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (AddressKey n = 0; n < 20'000; ++n) {
        if (!counts.take(n % 5, 3)) continue;
        EXPECT_LE(counts.count(n % 5), 3u);
        counts.give_back(n % 5);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counts.addresses(), 0u);
}

}  // namespace
}  // namespace comet

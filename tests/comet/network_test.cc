#include "comet/network.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace comet {
namespace {

bool contains(const std::string& network, const std::string& address) {
  const auto parsed = Network::parse(network);
  EXPECT_TRUE(parsed.ok()) << parsed.error();
  const auto other = reactor::IpAddress::parse(address);
  EXPECT_TRUE(other.ok()) << address;
  return parsed && other && parsed->contains(*other);
}

TEST(Network, OfAllBitsIsOneAddress) {
  for (const std::string one : {"10.0.0.1", "10.0.0.1/32", "::ffff:10.0.0.1", "::ffff:a00:1/128"}) {
    EXPECT_TRUE(contains(one, "10.0.0.1")) << one;
    EXPECT_TRUE(contains(one, "::ffff:10.0.0.1")) << one;
    EXPECT_FALSE(contains(one, "10.0.0.0")) << one;
    EXPECT_FALSE(contains(one, "10.0.0.2")) << one;
    EXPECT_FALSE(contains(one, "::10.0.0.1")) << one;  // not mapped: another address
  }
  for (const std::string one : {"2001:db8::1", "2001:db8::1/128"}) {
    EXPECT_TRUE(contains(one, "2001:db8:0::0:1")) << one;
    EXPECT_FALSE(contains(one, "2001:db8::2")) << one;
    EXPECT_FALSE(contains(one, "2001:db8::")) << one;
  }
}

TEST(Network, OfNoBitsIsItsWholeFamilyOnly) {
  for (const std::string all :
       {"0.0.0.0/0", "203.0.113.9/0", "::ffff:0:0/96", "::ffff:1.2.3.4/96"}) {
    EXPECT_TRUE(contains(all, "0.0.0.0")) << all;
    EXPECT_TRUE(contains(all, "255.255.255.255")) << all;
    EXPECT_FALSE(contains(all, "::")) << all;
    EXPECT_FALSE(contains(all, "::1")) << all;
  }
  EXPECT_TRUE(contains("::/0", "::"));
  EXPECT_TRUE(contains("::/0", "ffff:ffff::ffff"));
  EXPECT_FALSE(contains("::/0", "203.0.113.9"));
  EXPECT_FALSE(contains("::/0", "::ffff:203.0.113.9"));
}

// At every length: the network of an address contains it, with any bit behind the prefix turned,
// and not with the prefix's last bit turned.
TEST(Network, EndsAtEveryLengthWhereItsPrefixSays) {
  const auto turned = [](reactor::IpAddress address, unsigned bit) {
    address.bytes[bit / 8] ^= static_cast<std::uint8_t>(0x80u >> (bit % 8));
    return address;
  };
  for (const std::string text : {"192.0.2.171", "2001:db8:aaaa:5555:1234:5678:9abc:def0"}) {
    const auto address = *reactor::IpAddress::parse(text);
    const unsigned bits = address.is_v4 ? 32 : 128;
    for (unsigned length = 0; length <= bits; ++length) {
      const auto network = Network::parse(text + "/" + std::to_string(length));
      ASSERT_TRUE(network.ok()) << network.error();
      EXPECT_TRUE(network->contains(address));
      for (unsigned bit = 0; bit < bits; ++bit) {
        EXPECT_EQ(network->contains(turned(address, bit)), bit >= length)
            << text << '/' << length << " bit " << bit;
      }
    }
  }
}

TEST(Network, AMappedOneCountsItsBitsInIPv6s) {
  EXPECT_TRUE(contains("::ffff:10.0.0.0/104", "10.255.255.255"));
  EXPECT_FALSE(contains("::ffff:10.0.0.0/104", "11.0.0.0"));
  EXPECT_TRUE(contains("::ffff:a00:0/104", "10.255.255.255"));
  EXPECT_FALSE(Network::parse("::ffff:10.0.0.0/95").ok());
  EXPECT_FALSE(Network::parse("::ffff:10.0.0.0/8").ok());
  EXPECT_FALSE(Network::parse("::ffff:10.0.0.0/129").ok());
}

TEST(Network, ATextualPrefixIsOfWholeNumbers) {
  EXPECT_TRUE(contains("192.168", "192.168.0.1"));
  EXPECT_TRUE(contains("192.168.", "192.168.255.255"));
  EXPECT_FALSE(contains("192.168", "192.169.0.1"));
  EXPECT_TRUE(contains("10", "10.1.2.3"));
  EXPECT_FALSE(contains("10", "100.1.2.3"));
  EXPECT_TRUE(contains("192.0.2", "192.0.2.77"));
  EXPECT_FALSE(contains("192.0.2", "192.0.20.77"));
  EXPECT_FALSE(contains("10", "a00::"));  // the same first byte in IPv6
}

TEST(Network, WhatIsNoneIsOneSentenceThatQuotesIt) {
  for (const std::string bad : {"",
                                " ",
                                "localhost",
                                "10.0.0.0/33",
                                "10.0.0.0/",
                                "10.0.0.0/x",
                                "10.0.0.0/8/8",
                                "10.0.0.0/-1",
                                "10.0.0.0/+8",
                                "::/129",
                                "::ffff:10.0.0.0/95",
                                "256",
                                "1.2.3.4.5",
                                "1..2",
                                ".",
                                "/8",
                                "all",
                                "10/8",
                                "1.2.3.4.",
                                "10.0.0.0/ 8",
                                "10.0.0.0 /8",
                                "fe80::1%eth0",
                                "[::1]",
                                "10.0.0.1:80"}) {
    const auto parsed = Network::parse(bad);
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_TRUE(parsed.error().starts_with("\"" + bad + "\" ")) << parsed.error();
  }
}

}  // namespace
}  // namespace comet

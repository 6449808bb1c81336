#include "comet/access.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comet {
namespace {

using Entries = std::vector<std::string>;

bool permits(const Entries& allow, const Entries& deny, const std::string& address) {
  const auto list = AccessList::make(allow, deny);
  EXPECT_TRUE(list.ok()) << list.error();
  const auto parsed = reactor::IpAddress::parse(address);
  EXPECT_TRUE(parsed.ok()) << address;
  return list->permits(*parsed);
}

// Is the address named by the entry?
bool names(const std::string& entry, const std::string& address) {
  return permits({entry}, {"all"}, address);
}

TEST(Access, WithoutAnyEntryEveryoneMay) {
  EXPECT_TRUE(permits({}, {}, "203.0.113.9"));
  EXPECT_TRUE(permits({}, {}, "2001:db8::1"));
}

TEST(Access, OutOfTheBoxOnlyLoopbackMay) {
  const Entries allow{"127.0.0.0/8", "::1"};
  const Entries deny{"all"};
  EXPECT_TRUE(permits(allow, deny, "127.0.0.1"));
  EXPECT_TRUE(permits(allow, deny, "127.255.255.255"));
  EXPECT_TRUE(permits(allow, deny, "::1"));
  EXPECT_TRUE(permits(allow, deny, "::ffff:127.0.0.1"));
  EXPECT_FALSE(permits(allow, deny, "128.0.0.1"));
  EXPECT_FALSE(permits(allow, deny, "::2"));
  EXPECT_FALSE(permits(allow, deny, "::ffff:128.0.0.1"));
}

TEST(Access, SpecificAllowThenSpecificDenyThenDenyAllThenAllowAll) {
  EXPECT_TRUE(permits({"10.0.0.1"}, {"10.0.0.1"}, "10.0.0.1"));
  EXPECT_TRUE(permits({"10.0.0.1"}, {"all"}, "10.0.0.1"));
  EXPECT_TRUE(permits({"10.0.0.1", "all"}, {"10.0.0.0/8", "all"}, "10.0.0.1"));
  EXPECT_FALSE(permits({"all"}, {"10.0.0.0/8"}, "10.0.0.1"));
  EXPECT_TRUE(permits({"all"}, {"10.0.0.0/8"}, "11.0.0.1"));
  EXPECT_FALSE(permits({"all"}, {"all"}, "10.0.0.1"));
  EXPECT_TRUE(permits({"*"}, {}, "10.0.0.1"));
  EXPECT_FALSE(permits({}, {"*"}, "10.0.0.1"));
}

TEST(Access, WhoIsNotNamedMayNotOnceThereIsAList) {
  EXPECT_FALSE(permits({"10.0.0.1"}, {}, "10.0.0.2"));
  EXPECT_FALSE(permits({}, {"10.0.0.1"}, "10.0.0.2"));
}

TEST(Access, ANetworkEndsWhereItsPrefixSays) {
  struct Case {
    std::string network, first, last, before, after;
  };
  for (const Case& c : std::vector<Case>{
           {"10.0.0.0/8", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"},
           {"10.1.2.3/8", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"},
           {"192.0.2.64/26", "192.0.2.64", "192.0.2.127", "192.0.2.63", "192.0.2.128"},
           {"192.0.2.8/31", "192.0.2.8", "192.0.2.9", "192.0.2.7", "192.0.2.10"},
           {"192.0.2.8/32", "192.0.2.8", "192.0.2.8", "192.0.2.7", "192.0.2.9"},
           {"128.0.0.0/1", "128.0.0.0", "255.255.255.255", "127.255.255.255", "0.0.0.0"},
           {"fd00::/8", "fd00::", "fdff:ffff::", "fcff::", "fe00::"},
           {"2001:db8::/33", "2001:db8::", "2001:db8:7fff::", "2001:db7::", "2001:db8:8000::"},
           {"2001:db8::1/128", "2001:db8::1", "2001:db8::1", "2001:db8::", "2001:db8::2"},
           {"::ffff:10.0.0.0/104", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"},
       }) {
    EXPECT_TRUE(names(c.network, c.first)) << c.network;
    EXPECT_TRUE(names(c.network, c.last)) << c.network;
    EXPECT_FALSE(names(c.network, c.before)) << c.network;
    EXPECT_FALSE(names(c.network, c.after)) << c.network;
  }
}

TEST(Access, ANetworkOfNoBitsIsItsWholeFamilyOnly) {
  EXPECT_TRUE(names("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(names("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(names("::/0", "2001:db8::1"));
  EXPECT_FALSE(names("::/0", "203.0.113.9"));
}

TEST(Access, ATextualPrefixIsOfWholeNumbers) {
  EXPECT_TRUE(names("192.168", "192.168.0.1"));
  EXPECT_TRUE(names("192.168.", "192.168.255.255"));
  EXPECT_FALSE(names("192.168", "192.169.0.1"));
  EXPECT_TRUE(names("10", "10.1.2.3"));
  EXPECT_FALSE(names("10", "100.1.2.3"));
  EXPECT_TRUE(names("192.0.2", "192.0.2.77"));
  EXPECT_FALSE(names("192.0.2", "192.0.20.77"));
  EXPECT_FALSE(names("10", "a00::"));  // the same first byte in IPv6
}

TEST(Access, AnEntryThatMeansNothingIsOneSentence) {
  for (const std::string bad :
       {"", " ", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/8/8",
        "10.0.0.0/-1", "::/129", "::ffff:10.0.0.0/95", "256", "1.2.3.4.5", "1..2", ".", "/8", "ALL",
        "10/8", "1.2.3.4.", "10.0.0.0/ 8"}) {
    const Entries entries{"127.0.0.1", bad};
    const auto allow = AccessList::make(entries, {});
    const auto deny = AccessList::make({}, entries);
    ASSERT_FALSE(allow.ok()) << bad;
    ASSERT_FALSE(deny.ok()) << bad;
    EXPECT_THAT(allow.error(), testing::StartsWith("\"" + bad + "\" "));
  }
}

}  // namespace
}  // namespace comet

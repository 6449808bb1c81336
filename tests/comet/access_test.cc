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

TEST(Access, WhoseAddressIsUnknownMayWhereNobodyIsKeptOut) {
  const auto permits_unknown = [](const Entries& allow, const Entries& deny) {
    return AccessList::make(allow, deny)->permits_unknown();
  };
  EXPECT_TRUE(permits_unknown({}, {}));
  EXPECT_TRUE(permits_unknown({"all"}, {}));
  EXPECT_TRUE(permits_unknown({"all", "10.0.0.1"}, {}));
  EXPECT_FALSE(permits_unknown({"10.0.0.1"}, {}));
  EXPECT_FALSE(permits_unknown({"all"}, {"10.0.0.1"}));
  EXPECT_FALSE(permits_unknown({"all"}, {"all"}));
  EXPECT_FALSE(permits_unknown({"127.0.0.0/8", "::1"}, {"all"}));
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

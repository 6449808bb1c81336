#include "comet/trusted_proxies.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace comet {
namespace {

TrustedProxies proxies(const std::vector<std::string>& entries) {
  auto made = TrustedProxies::make(entries);
  EXPECT_TRUE(made.ok()) << made.error();
  return *made;
}

bool trusts(const TrustedProxies& proxies, const std::string& peer) {
  return proxies.trusts(*reactor::IpAddress::parse(peer));
}

TEST(TrustedProxies, OutOfTheBoxNobodyIs) {
  EXPECT_TRUE(proxies({}).empty());
  EXPECT_FALSE(trusts(proxies({}), "127.0.0.1"));
  EXPECT_FALSE(proxies({}).trusts_unix());
}

TEST(TrustedProxies, AreTheNetworksNamed) {
  const TrustedProxies some = proxies({"10.0.0.0/8", "::1"});
  EXPECT_FALSE(some.empty());
  EXPECT_TRUE(trusts(some, "10.1.2.3"));
  EXPECT_TRUE(trusts(some, "::ffff:10.1.2.3"));
  EXPECT_TRUE(trusts(some, "::1"));
  EXPECT_FALSE(trusts(some, "11.0.0.0"));
  EXPECT_FALSE(trusts(some, "::2"));
  EXPECT_FALSE(some.trusts_unix());
}

TEST(TrustedProxies, UnixStandsForUnixSocketsOnly) {
  const TrustedProxies local = proxies({"unix"});
  EXPECT_FALSE(local.empty());
  EXPECT_TRUE(local.trusts_unix());
  EXPECT_FALSE(trusts(local, "127.0.0.1"));
}

TEST(TrustedProxies, AnEntryThatMeansNothingIsOneSentence) {
  // "all" is not to be had: it would let everybody say who he is. 0.0.0.0/0 says what it means.
  for (const std::string bad : {"all", "*", "", "unix:", "nginx", "10.0.0.0/33"}) {
    EXPECT_TRUE(TrustedProxies::complaint(bad).has_value()) << bad;
    EXPECT_FALSE(TrustedProxies::make(std::vector{bad}).ok()) << bad;
  }
  EXPECT_EQ(TrustedProxies::complaint("unix"), std::nullopt);
  EXPECT_EQ(TrustedProxies::complaint("fd00::/8"), std::nullopt);
}

}  // namespace
}  // namespace comet

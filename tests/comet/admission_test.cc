#include "comet/admission.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "http/request_parser.h"

namespace comet {
namespace {

const std::string kKey = "0123456789abcdef";

class AdmissionTest : public testing::Test {
 protected:
  [[nodiscard]] Admission admission() const {
    auto made = Admission::make(config_);
    EXPECT_TRUE(made.ok()) << made.error();
    return *made;
  }
  [[nodiscard]] Standing standing(const std::string& address, Port port = Port::kAdmin) const {
    return admission().standing(port, *reactor::IpAddress::parse(address));
  }
  // Why the request is turned away that comes from a peer of that standing.
  [[nodiscard]] std::optional<CloseReason> refusal(Standing peer, const std::string& headers = "",
                                                   const std::string& path = "/push") const {
    const http::RequestLimits limits;
    http::RequestParser parser(limits);
    const std::string text = "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
    EXPECT_EQ(parser.parse(text).state, http::RequestParser::State::kComplete);
    return admission().refusal(parser.request(), peer);
  }

  Config config_;
};

TEST_F(AdmissionTest, TheListIsForTheAdminPort) {
  EXPECT_FALSE(standing("127.0.0.1").denied);
  EXPECT_TRUE(standing("203.0.113.9").denied);
  EXPECT_FALSE(standing("203.0.113.9", Port::kFront).denied);
  EXPECT_EQ(refusal(standing("127.0.0.1")), std::nullopt);
  EXPECT_EQ(refusal(standing("203.0.113.9")), CloseReason::kAddressDenied);
}

TEST_F(AdmissionTest, WhoComesOverAUnixSocketIsLetIn) {
  config_.admin.allow = {};
  EXPECT_EQ(admission().local_standing(), (Standing{false, false}));
  config_.trusted_proxies = {"unix"};
  EXPECT_EQ(admission().local_standing(), (Standing{false, true}));
}

TEST_F(AdmissionTest, TheHeaderOfAPeerThatIsNotTrustedMeansNothing) {
  EXPECT_EQ(refusal(standing("203.0.113.9"), "X-Forwarded-For: 127.0.0.1\r\n"),
            CloseReason::kAddressDenied);
  EXPECT_EQ(refusal(standing("127.0.0.1"), "X-Forwarded-For: 203.0.113.9\r\n"), std::nullopt);
}

TEST_F(AdmissionTest, WhomATrustedProxyNamesIsWhoAsks) {
  config_.trusted_proxies = {"127.0.0.1"};
  config_.admin.allow = {"127.0.0.0/8", "192.0.2.7"};
  const Standing proxy = standing("127.0.0.1");
  EXPECT_EQ(proxy, (Standing{false, true}));
  EXPECT_EQ(refusal(proxy, "X-Forwarded-For: 203.0.113.9\r\n"), CloseReason::kAddressDenied);
  EXPECT_EQ(refusal(proxy, "X-Forwarded-For: 192.0.2.7\r\n"), std::nullopt);
  EXPECT_EQ(refusal(proxy, "X-Forwarded-For: 192.0.2.7, 203.0.113.9\r\n"),
            CloseReason::kAddressDenied);
  // The proxy itself asks, a health check for one.
  EXPECT_EQ(refusal(proxy), std::nullopt);
}

TEST_F(AdmissionTest, ATrustedProxyThatIsItselfNotAllowedMayBringWhoIs) {
  config_.trusted_proxies = {"198.51.100.1"};
  const Standing proxy = standing("198.51.100.1");
  EXPECT_EQ(proxy, (Standing{true, true}));
  EXPECT_EQ(refusal(proxy), CloseReason::kAddressDenied);
  EXPECT_EQ(refusal(proxy, "X-Forwarded-For: 127.0.0.1\r\n"), std::nullopt);
}

TEST_F(AdmissionTest, WhomNobodyKnowsIsNotTakenForTheProxy) {
  config_.trusted_proxies = {"127.0.0.1"};
  EXPECT_EQ(refusal(standing("127.0.0.1"), "X-Forwarded-For: unknown\r\n"),
            CloseReason::kAddressDenied);
  config_.admin.allow = {"all"};
  config_.admin.deny = {};
  EXPECT_EQ(refusal(standing("127.0.0.1"), "X-Forwarded-For: unknown\r\n"), std::nullopt);
}

TEST_F(AdmissionTest, WithoutTrustedProxiesWhoeverMayNameClients) {
  const auto peer = *reactor::IpAddress::parse("10.1.2.3");
  EXPECT_TRUE(admission().may_name_clients(peer));
  config_.trusted_proxies = {"10.0.0.0/8"};
  EXPECT_TRUE(admission().may_name_clients(peer));
  config_.trusted_proxies = {"unix"};
  EXPECT_FALSE(admission().may_name_clients(peer));
}

TEST_F(AdmissionTest, AKeyIsWantedByEveryPathThatIsNotOpen) {
  const Standing local = standing("127.0.0.1");
  config_.admin.key = {kKey, kKey + "-the-next"};
  for (const Route& route : routes()) {
    if (route.port != Port::kAdmin) continue;
    const auto reason = refusal(local, "", std::string(route.path));
    const bool open = route.guard == Guard::kOpen;
    EXPECT_EQ(reason, open ? std::nullopt : std::optional(CloseReason::kKeyMissing)) << route.path;
  }
  EXPECT_EQ(refusal(local, "", "/nothing"), CloseReason::kKeyMissing);
  EXPECT_EQ(refusal(local, "Authorization: Bearer " + kKey + "\r\n"), std::nullopt);
  EXPECT_EQ(refusal(local, "authorization: bearer " + kKey + "-the-next\r\n"), std::nullopt);
  EXPECT_EQ(refusal(local, "Authorization: Bearer wrong\r\n"), CloseReason::kKeyMissing);
  EXPECT_EQ(refusal(local, "Authorization: Basic " + kKey + "\r\n"), CloseReason::kKeyMissing);
}

TEST_F(AdmissionTest, AKeyDoesNotMakeUpForAnAddress) {
  config_.admin.key = {kKey};
  EXPECT_EQ(refusal(standing("203.0.113.9"), "Authorization: Bearer " + kKey + "\r\n"),
            CloseReason::kAddressDenied);
}

TEST_F(AdmissionTest, ABrowserMayNotAskForAnotherSitesPage) {
  const Standing local = standing("127.0.0.1");
  for (const std::string& key : {std::string(), "Authorization: Bearer " + kKey + "\r\n"}) {
    if (!key.empty()) config_.admin.key = {kKey};
    for (const char* path : {"/push", "/info", "/tail", "/psub", "/nothing"}) {
      for (const char* site : {"cross-site", "same-site", "Same-Origin", "?"}) {
        EXPECT_EQ(refusal(local, key + "Sec-Fetch-Site: " + site + "\r\n", path),
                  CloseReason::kCrossSite)
            << path << site;
      }
      for (const char* site : {"same-origin", "none", ""}) {
        EXPECT_EQ(refusal(local, key + "sec-fetch-site: " + site + "\r\n", path), std::nullopt);
      }
    }
  }
}

// A link to the console stands on another site's page, and its own page has nothing to hide.
TEST_F(AdmissionTest, ALinkLeadsToTheConsoleAndHealthIsNoSecret) {
  for (const char* path : {"/console", "/health/live", "/health/ready"}) {
    EXPECT_EQ(refusal(standing("127.0.0.1"), "Sec-Fetch-Site: cross-site\r\n", path), std::nullopt)
        << path;
  }
}

TEST_F(AdmissionTest, RefusalsSayWhatIsMissing) {
  const Reply unauthorized = refusal_reply(CloseReason::kKeyMissing);
  EXPECT_EQ(unauthorized.status, 401);
  EXPECT_EQ(unauthorized.headers, "WWW-Authenticate: Bearer\r\n");
  EXPECT_EQ(unauthorized.body, "this needs a key: Authorization: Bearer KEY\n");
  EXPECT_FALSE(unauthorized.close);
  EXPECT_EQ(refusal_reply(CloseReason::kCrossSite).status, 403);
  const Reply forbidden = refusal_reply(CloseReason::kAddressDenied);
  EXPECT_EQ(forbidden.status, 403);
  EXPECT_TRUE(forbidden.close);
}

TEST_F(AdmissionTest, ADoorThatIsOpenToEverybodyIsPointedOut) {
  EXPECT_EQ(open_door_warning(config_), std::nullopt);
  config_.admin.listen = {"127.0.0.1:8000", "unix:/a", "0.0.0.0:8001"};
  EXPECT_EQ(open_door_warning(config_), std::nullopt);  // only loopback is allowed
  config_.admin.allow = {"all"};
  config_.admin.deny = {};
  EXPECT_EQ(open_door_warning(config_).value_or("none").substr(0, 26),
            "whoever reaches 0.0.0.0:80");
  config_.admin.listen = {"[::]:8001"};
  EXPECT_TRUE(open_door_warning(config_).has_value());
  config_.admin.deny = {"203.0.113.9"};
  EXPECT_EQ(open_door_warning(config_), std::nullopt);
  config_.admin.deny = {};
  config_.admin.key = {kKey};
  EXPECT_EQ(open_door_warning(config_), std::nullopt);
  config_.admin.key = {};
  config_.admin.listen = {"127.0.0.1:8000", "[::1]:8000", "unix:/a"};
  EXPECT_EQ(open_door_warning(config_), std::nullopt);
}

}  // namespace
}  // namespace comet

#include "comet/bearer_keys.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace comet {
namespace {

const std::string kOld = "0123456789abcdef";
const std::string kNew = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._~+/=";

TEST(BearerKeys, WithoutKeysNobodyNeedsOne) {
  const BearerKeys none({});
  EXPECT_FALSE(none.required());
  EXPECT_FALSE(none.accept("Bearer " + kOld));
}

TEST(BearerKeys, EachOfThemIsAccepted) {
  const BearerKeys keys(std::vector{kOld, kNew});
  EXPECT_TRUE(keys.required());
  EXPECT_TRUE(keys.accept("Bearer " + kOld));
  EXPECT_TRUE(keys.accept("Bearer " + kNew));
}

TEST(BearerKeys, TheSchemeIsReadInAnyCaseAndTheKeyIsNot) {
  const BearerKeys keys(std::vector{kOld});
  EXPECT_TRUE(keys.accept("bearer " + kOld));
  EXPECT_TRUE(keys.accept("BEARER   " + kOld));
  EXPECT_FALSE(keys.accept("Bearer 0123456789ABCDEF"));
}

TEST(BearerKeys, AnythingElseIsNot) {
  const BearerKeys keys(std::vector{kOld, kNew});
  for (const std::string& wrong :
       {std::string(), std::string("Bearer"), std::string("Bearer "), kOld, "Basic " + kOld,
        "Bearer" + kOld, "Bearer  " + kOld + " ", "Bearer\t" + kOld, "Bearer " + kOld + kOld,
        "Bearer " + kOld + ", Bearer " + kOld, "Bearer " + kOld.substr(1),
        "Bearer " + kOld.substr(0, kOld.size() - 1), "Bearer " + kOld + "0",
        "Bearer " + kOld + std::string(1, '\0'), "Bearer x" + kOld, "Bearer " + kOld + kNew}) {
    EXPECT_FALSE(keys.accept(wrong)) << wrong;
  }
  for (std::size_t i = 0; i < kOld.size(); ++i) {
    std::string near = kOld;
    near[i] ^= 1;
    EXPECT_FALSE(keys.accept("Bearer " + near)) << near;
  }
}

TEST(BearerKeys, AKeyHas16To256CharactersThatAHeaderCanCarry) {
  EXPECT_TRUE(BearerKeys::complaint(std::string(15, 'k')).has_value());
  EXPECT_EQ(BearerKeys::complaint(std::string(16, 'k')), std::nullopt);
  EXPECT_EQ(BearerKeys::complaint(std::string(256, 'k')), std::nullopt);
  EXPECT_TRUE(BearerKeys::complaint(std::string(257, 'k')).has_value());
  EXPECT_EQ(BearerKeys::complaint(kNew), std::nullopt);
  for (const char bad : {' ', '"', ',', '\n', '\x7f', '\xc3', '!'}) {
    EXPECT_TRUE(BearerKeys::complaint(kOld + bad).has_value()) << bad;
  }
}

TEST(BearerKeys, AComplaintDoesNotTellTheKey) {
  for (const std::string key : {"secretsecret", "secret secret secret"}) {
    EXPECT_EQ(BearerKeys::complaint(key)->find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace comet

#include "comet/repeated_address.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace comet {
namespace {

std::string found_in(std::vector<std::string> front, std::vector<std::string> admin) {
  Config config;
  config.front.listen = std::move(front);
  config.admin.listen = std::move(admin);
  const auto repeated = find_repeated_address(config);
  return repeated ? repeated->sentence : "";
}

TEST(RepeatedAddress, TheDefaultsHaveNone) { EXPECT_FALSE(find_repeated_address(Config{})); }

TEST(RepeatedAddress, ItIsNamedWithItsKeys) {
  EXPECT_EQ(found_in({"127.0.0.1:1"}, {"127.0.0.1:2", "127.0.0.1:1"}),
            "front.listen and admin.listen both name 127.0.0.1:1");
  EXPECT_EQ(found_in({"127.0.0.1:1"}, {"[::1]:2", "[0:0::1]:2"}),
            "admin.listen names [::1]:2 twice");
}

TEST(RepeatedAddress, FreePortsAreNotTheSamePort) {
  EXPECT_EQ(found_in({"127.0.0.1:0", "127.0.0.1:0"}, {"127.0.0.1:0"}), "");
}

}  // namespace
}  // namespace comet

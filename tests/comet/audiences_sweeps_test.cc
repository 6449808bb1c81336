// How much of a turn a sweep takes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/support/hub_world.h"

namespace comet {
namespace {

// A core that copies megabytes to each of its subscribers has no time for anybody else meanwhile.
TEST(AudiencesSweepsTest, ATurnSendsFewerLongMessagesThanShortOnes) {
  support::HubWorld world(support::hub_settings(), 1);
  std::vector<std::ptrdiff_t> served;
  for (const std::size_t size : {std::size_t{1}, std::size_t{64 * 1024}}) {
    const std::string name = size == 1 ? "short" : "long";
    std::vector<std::uint32_t> sessions;
    for (int i = 0; i < 100; ++i) sessions.push_back(world.subscribe(name));
    world.settle();
    const auto were_sent = [&] {
      return std::ranges::count_if(sessions, [&](std::uint32_t each) {
        return world.session(each).received.find("\"data\"") != std::string::npos;
      });
    };
    world.publish(name, std::string(size, 'x'));
    world.end_turn();
    served.push_back(were_sent());
    world.settle();
    EXPECT_EQ(were_sent(), 100);
    world.validate();
  }
  EXPECT_EQ(served[0], 100);
  EXPECT_GT(served[1], 0);
  EXPECT_LT(served[1], 50);
}

}  // namespace
}  // namespace comet

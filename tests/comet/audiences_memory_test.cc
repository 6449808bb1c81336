// What clients make a core keep for them is in its memory as long as it is kept.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/support/hub_world.h"

namespace comet {
namespace {

class AudiencesMemoryTest : public testing::Test {
 protected:
  ~AudiencesMemoryTest() override { world_.validate(); }
  std::uint64_t buffers() { return world_.hub().memory().buffers; }

  support::HubWorld world_{support::hub_settings()};
};

TEST_F(AudiencesMemoryTest, ACallbackCountsWhileItsPollWaits) {
  for (const bool several : {false, true}) {
    SubscribeRequest request = world_.request("a", Transport::kPoll, 1);
    if (several) request.more.push_back(world_.request("b", Transport::kPoll, 1));
    request.poll.callback = std::string(128, 'f');
    const auto poll = world_.subscribe(std::move(request));
    EXPECT_GE(buffers(), 128u);
    world_.leave(poll);
    EXPECT_EQ(buffers(), 0u);
  }
}

TEST_F(AudiencesMemoryTest, LinesOfAHeadCountUntilItIsWritten) {
  constexpr std::size_t kLong = 10'000;
  const auto with_lines = [&](Transport transport) {
    SubscribeRequest request = world_.request("a", transport, 1);
    request.header_lines = std::string(kLong, 'x');
    return world_.subscribe(std::move(request));
  };
  const auto poll = with_lines(Transport::kPoll);
  EXPECT_GE(buffers(), kLong);
  with_lines(Transport::kStream);
  EXPECT_LT(buffers(), 2 * kLong) << "that one has its head";
  world_.leave(poll);
  EXPECT_LT(buffers(), 1000u);
}

TEST_F(AudiencesMemoryTest, WhatIsHeldForAPollOfSeveralChannelsCounts) {
  constexpr std::size_t kLong = 50'000;
  support::HubWorld world(support::hub_settings(), 2);
  const std::string near = world.name_at_home(0);
  const std::string far = world.name_at_home(1);
  world.publish(near, std::string(kLong, 'x'));
  world.settle();
  const std::uint64_t before = world.hub().memory().buffers;
  const auto poll = world.subscribe(world.request({{near, 1}, {far, 1}}, Transport::kPoll));
  EXPECT_GE(world.hub().memory().buffers, before + kLong) << "the other home has not answered";
  world.validate();
  world.settle();
  EXPECT_TRUE(world.session(poll).ended.has_value());
  EXPECT_EQ(world.hub().memory().buffers, before);
  world.validate();
}

}  // namespace
}  // namespace comet

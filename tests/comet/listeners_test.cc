#include "comet/listeners.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reactor/socket.h"
#include "tests/support/temp_folder.h"

namespace comet {
namespace {

class ListenersTest : public testing::Test {
 protected:
  ListenersTest() {
    config_.front.listen = {"127.0.0.1:0", "unix:" + folder_.file("front.sock") + " proxy"};
    config_.admin.listen = {"unix:" + folder_.file("admin.sock") + " mode=0600"};
  }

  support::TempFolder folder_;
  Config config_;
};

TEST_F(ListenersTest, EveryCoreHasAShareOfEachAddress) {
  auto listeners = Listeners::bind(config_, 3);
  ASSERT_TRUE(listeners.ok()) << listeners.error();
  for (std::size_t i = 0; i < 3; ++i) {
    const CoreListeners core = listeners->take(i);
    ASSERT_EQ(core.own.size(), 1u);
    EXPECT_EQ(core.own[0].traits.port, Port::kFront);
    EXPECT_FALSE(core.own[0].traits.local);
    EXPECT_FALSE(core.own[0].traits.proxy);
    ASSERT_EQ(core.shared.size(), 2u);
    EXPECT_EQ(core.shared[0].traits.port, Port::kFront);
    EXPECT_TRUE(core.shared[0].traits.local);
    EXPECT_TRUE(core.shared[0].traits.proxy);
    EXPECT_EQ(core.shared[1].traits.port, Port::kAdmin);
    EXPECT_FALSE(core.shared[1].traits.proxy);
  }
}

TEST_F(ListenersTest, TellsWhereItListens) {
  const auto listeners = Listeners::bind(config_, 1);
  ASSERT_TRUE(listeners.ok());
  ASSERT_EQ(listeners->front().size(), 2u);
  EXPECT_NE(std::get<reactor::Endpoint>(listeners->front()[0]).port, 0);
  EXPECT_EQ(to_string(listeners->front()[1]), "unix:" + folder_.file("front.sock"));
  EXPECT_EQ(to_string(listeners->admin()[0]), "unix:" + folder_.file("admin.sock"));
}

TEST_F(ListenersTest, WhatCannotBeBoundLeavesNothingBehind) {
  std::ofstream(folder_.file("admin.sock")) << "not a socket";
  const auto listeners = Listeners::bind(config_, 2);
  ASSERT_FALSE(listeners.ok());
  EXPECT_THAT(listeners.error(), testing::HasSubstr("admin.sock"));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("front.sock")));
}

TEST_F(ListenersTest, InheritedSocketsTakeThePlaceOfTheConfiguredOnesOfTheirName) {
  auto tcp = reactor::listen_on(*reactor::Endpoint::parse("127.0.0.1:0"), 1);
  ASSERT_TRUE(tcp.ok());
  const reactor::Endpoint bound = reactor::bound_endpoint(tcp->front());
  std::vector<reactor::InheritedSocket> inherited;
  inherited.push_back({"front", std::move(tcp->front()), bound, ""});
  auto listeners = Listeners::bind(config_, 2, std::move(inherited));
  ASSERT_TRUE(listeners.ok()) << listeners.error();
  ASSERT_EQ(listeners->front().size(), 1u);
  EXPECT_EQ(to_string(listeners->front()[0]), bound.to_string());
  EXPECT_EQ(to_string(listeners->admin()[0]), "unix:" + folder_.file("admin.sock"));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("front.sock")));
  for (std::size_t i = 0; i < 2; ++i) {
    const CoreListeners core = listeners->take(i);
    EXPECT_TRUE(core.own.empty());
    ASSERT_EQ(core.shared.size(), 2u);
    EXPECT_FALSE(core.shared[0].traits.local);
  }
}

TEST_F(ListenersTest, AnInheritedSocketOfAnotherNameIsRefused) {
  auto tcp = reactor::listen_on(*reactor::Endpoint::parse("127.0.0.1:0"), 1);
  ASSERT_TRUE(tcp.ok());
  std::vector<reactor::InheritedSocket> inherited;
  inherited.push_back({"unknown", std::move(tcp->front()), std::nullopt, ""});
  const auto listeners = Listeners::bind(config_, 1, std::move(inherited));
  ASSERT_FALSE(listeners.ok());
  EXPECT_THAT(listeners.error(), testing::HasSubstr("named \"unknown\""));
}

TEST_F(ListenersTest, FilesGoWhenTheyAreToldOrWithTheListeners) {
  auto listeners = Listeners::bind(config_, 1);
  ASSERT_TRUE(listeners.ok());
  EXPECT_TRUE(std::filesystem::exists(folder_.file("front.sock")));
  listeners->remove_files();
  EXPECT_FALSE(std::filesystem::exists(folder_.file("front.sock")));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("admin.sock")));
}

}  // namespace
}  // namespace comet

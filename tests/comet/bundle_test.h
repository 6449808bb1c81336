// What tests of connections with several channels have in common.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/hub_world.h"
#include "tests/support/transcript.h"

namespace comet {

using support::Event;
using support::HubWorld;
using support::Transcript;
using testing::ElementsAre;
using Verb = Command::Verb;

class BundleTest : public testing::Test {
 protected:
  explicit BundleTest(std::size_t cores = 1) : BundleTest(support::hub_settings(), cores) {}
  BundleTest(HubSettings settings, std::size_t cores) : world_(std::move(settings), cores) {}
  ~BundleTest() override { world_.validate(); }

  std::uint32_t subscribe(std::initializer_list<HubWorld::Wanted> channels, Transport transport,
                          std::size_t room = support::kEverything) {
    const std::uint32_t session = world_.subscribe(world_.request(channels, transport), 0, room);
    world_.settle();
    return session;
  }
  void publish(std::string_view name, std::string_view content) {
    world_.publish(name, content);
    world_.settle();
  }
  Transcript endless(std::uint32_t session, Transport transport) {
    const bool chunked = transport != Transport::kWebSocket;
    Transcript got = support::read_endless(world_.session(session).received, {transport, chunked});
    EXPECT_EQ(got.error, "");
    return got;
  }
  std::vector<Event> events(std::uint32_t session, Transport transport = Transport::kStream) {
    const Transcript got = endless(session, transport);
    EXPECT_EQ(got.tail, "");
    return got.events;
  }
  void grant(std::uint32_t session, std::size_t bytes) {
    world_.grant(session, bytes);
    world_.settle();
    world_.validate();
  }

  HubWorld world_;
};

class TokenBundleTest : public BundleTest {
 protected:
  TokenBundleTest() : BundleTest(with_tokens(), 1) {}
  static HubSettings with_tokens() {
    HubSettings settings = support::hub_settings();
    settings.auth = Auth::kToken;
    return settings;
  }
  SubscribeRequest one_is_right(Transport transport) {
    SubscribeRequest request = world_.request({{"a", 1}, {"b", 1}}, transport);
    request.more[0].token = world_.ask(Verb::kSign, "b").token;
    request.more[0].has_token = true;
    return request;
  }
};

}  // namespace comet

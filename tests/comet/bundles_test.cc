#include "comet/bundles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace comet {
namespace {

using reactor::kNoIndex;
using testing::ElementsAre;

constexpr std::uint64_t kNowMs = 7'900;

class BundlesTest : public testing::Test {
 protected:
  ~BundlesTest() override { bundles_.validate(); }

  std::uint32_t open(Transport transport, std::string callback = {}) {
    SubscribeRequest request;
    request.framing.transport = transport;
    request.poll.callback = std::move(callback);
    return bundles_.open(request, kNowMs);
  }
  // With members 10, 11 and so on, who want these numbers.
  Bundle& with_members(Transport transport, std::initializer_list<std::int64_t> wanted) {
    Bundle& bundle = bundles_[open(transport)];
    std::uint32_t member = 10;
    for (const std::int64_t number : wanted) bundles_.enlist(bundle, member++, number);
    bundles_.validate();
    return bundle;
  }
  std::size_t hold(const Bundle& bundle, std::uint32_t member, std::string_view object) {
    return bundles_.hold(bundle, member, PollForm::kLive, [object](std::string& held) {
      held.append(object);
      return 1;
    });
  }
  std::string body(const Bundle& bundle) {
    std::string body;
    bundles_.held(bundle).append_body(body);
    return body;
  }

  Bundles bundles_;
};

TEST_F(BundlesTest, OfARequestItTakesWhatIsTheConnections) {
  SubscribeRequest request;
  request.framing.transport = Transport::kWebSocket;
  request.returns = true;
  const Bundle& socket = bundles_[bundles_.open(request, kNowMs)];
  EXPECT_TRUE(socket.returns);
  EXPECT_EQ(socket.began_s, 7u);
  EXPECT_EQ(socket.kind, BundleKind::kWebSocket);
  EXPECT_EQ(socket.first_member(), kNoIndex);
  EXPECT_EQ(bundles_[open(Transport::kStream)].kind, BundleKind::kPlain);
  EXPECT_EQ(bundles_[open(Transport::kIframe)].kind, BundleKind::kPlain);
  EXPECT_EQ(bundles_.size(), 3u);
}

TEST_F(BundlesTest, MembersAreJoiningUntilTheyHaveASeatOrGo) {
  Bundle& bundle = with_members(Transport::kStream, {1, 1, 1});
  EXPECT_THAT(bundle.members, ElementsAre(10u, 11u, 12u));
  EXPECT_EQ(bundle.joining, 3u);
  bundles_.detach(bundle, 11, std::nullopt);
  EXPECT_EQ(bundle.joining, 2u);
  --bundle.joining;  // 12 was seated
  bundles_.detach(bundle, 12, 4);
  EXPECT_EQ(bundle.joining, 1u);
}

TEST_F(BundlesTest, APlaceStaysWherePlacesMeanSomething) {
  for (const Transport transport : {Transport::kStream, Transport::kSse, Transport::kPoll}) {
    Bundle& bundle = with_members(transport, {1, 1});
    bundles_.detach(bundle, 10, std::nullopt);
    EXPECT_THAT(bundle.members, ElementsAre(kNoIndex, 11u));
    bundles_.validate();
  }
  Bundle& socket = with_members(Transport::kWebSocket, {1, 1});
  bundles_.detach(socket, 10, std::nullopt);
  EXPECT_THAT(socket.members, ElementsAre(11u));
}

TEST_F(BundlesTest, APositionIsBeforeTheNumberThatIsWanted) {
  const Bundle& events = with_members(Transport::kSse, {5, 1, 0, -3});
  EXPECT_EQ(bundles_.position(events, 0), 4);
  EXPECT_EQ(bundles_.position(events, 1), 0);
  EXPECT_EQ(bundles_.position(events, 2), -1) << "from now on";
  EXPECT_EQ(bundles_.position(events, 3), 0) << "from the oldest on";
}

TEST_F(BundlesTest, APositionStaysWhereTheChannelEnded) {
  Bundle& events = with_members(Transport::kSse, {5, 5});
  --events.joining;  // 10 was seated
  bundles_.detach(events, 10, 8);
  bundles_.detach(events, 11, std::nullopt);
  EXPECT_EQ(bundles_.position(events, 0), 8);
  EXPECT_EQ(bundles_.position(events, 1), 4) << "its home had not answered";
}

TEST_F(BundlesTest, WhatIsHeldStandsInTheOrderOfMembers) {
  Bundle& poll = with_members(Transport::kPoll, {1, 1});
  EXPECT_TRUE(bundles_.held(poll).is_empty());
  EXPECT_EQ(hold(poll, 11, "{2}"), 3u);
  EXPECT_EQ(hold(poll, 10, "{1}"), 3u);
  bundles_.detach(poll, 10, std::nullopt);
  EXPECT_EQ(hold(poll, 11, "{3}"), 7u);
  EXPECT_EQ(body(poll), "[{1},{2},{3}]\n");
}

TEST_F(BundlesTest, PollsDoNotShareWhatIsHeld) {
  const Bundle& one = with_members(Transport::kPoll, {1});
  const Bundle& other = with_members(Transport::kPoll, {1});
  hold(one, 10, "{1}");
  hold(other, 10, "{2}");
  EXPECT_EQ(body(one), "{1}\n");
  EXPECT_EQ(body(other), "{2}\n");
}

TEST_F(BundlesTest, MemoryIsThatOfAllThereIs) {
  const std::uint32_t poll = open(Transport::kPoll, std::string(100, 'f'));
  EXPECT_GE(bundles_.held_memory(), 100u);
  const std::size_t alone = bundles_.memory();
  bundles_.enlist(bundles_[poll], 10, 1);
  EXPECT_EQ(bundles_.memory(), alone + sizeof(std::uint32_t));
  hold(bundles_[poll], 10, std::string(1000, 'x'));
  EXPECT_GE(bundles_.held_memory(), 1100u);
  bundles_.detach(bundles_[poll], 10, std::nullopt);
  EXPECT_GE(bundles_.held_memory(), 1100u) << "it is still to be sent";
  bundles_.close(poll);
  EXPECT_EQ(bundles_.held_memory(), 0u);
  EXPECT_EQ(bundles_.size(), 0u);
  EXPECT_EQ(bundles_.memory(), alone) << "one chunk of each is kept";
}

TEST_F(BundlesTest, WhatIsClosedLeavesNothing) {
  for (const Transport transport :
       {Transport::kIframe, Transport::kSse, Transport::kPoll, Transport::kWebSocket}) {
    const std::uint32_t index = open(transport);
    bundles_.enlist(bundles_[index], 10, 1);
    bundles_.close(index);
    bundles_.validate();
  }
  EXPECT_EQ(bundles_.size(), 0u);
}

}  // namespace
}  // namespace comet

// What the follower takes for right and for wrong, message by message.
#include "tests/simulation/follower.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/simulation/violation.h"

namespace simulation {
namespace {

constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\n\r\n";

// A subscriber of /stream over HTTP/1.0, so that bytes are messages, to a channel of three.
class FollowerTest : public testing::Test {
 protected:
  FollowerTest() {
    channel_.name = "a";
    for (const char* content : {"one", "two", "three"}) publish(content);
    channel_.messages.at(2).type = comet::Message::Type::kBroadcast;
    peer_.number = 1;
    peer_.name = "a";
    peer_.request.framing = {comet::Transport::kStream, false};
    peer_.admission = Admission::kIn;
    peer_.channel = &channel_;
    peer_.start = 1;
    session_.listening = true;
  }

  void publish(const char* content) {
    channel_.messages[channel_.next_number++] = {comet::Message::Type::kData, content};
  }
  static std::string message(std::string_view type, int seq, std::string_view content) {
    return R"({"type":")" + std::string(type) + R"(","cname":"a","seq":)" + std::to_string(seq) +
           R"(,"content":")" + std::string(content) + "\"}\n";
  }
  // What is wrong with these bytes, "" if nothing is and they are all there should be.
  std::string fault_of(const std::string& bytes, Gaps gaps = Gaps::kNone) {
    Follower follower(peer_, gaps);
    session_.received.clear();
    try {
      for (const char byte : std::string(kHead) + bytes) {
        session_.received.push_back(byte);
        // Of a response that is over, all is there.
        if (session_.listening) (void)follower.read(session_);
      }
      if (!session_.listening) (void)follower.read(session_);
      follower.check_complete(session_);
    } catch (const Violation& violation) {
      return violation.what;
    }
    return {};
  }

  const std::string one_ = message("data", 1, "one");
  const std::string two_ = message("broadcast", 2, "two") + message("next_seq", 3, "");
  const std::string three_ = message("data", 3, "three");
  ModelChannel channel_;
  Peer peer_;
  support::MemorySession session_;
};

TEST_F(FollowerTest, AllInOrderIsRight) { EXPECT_EQ(fault_of(one_ + two_ + three_), ""); }

TEST_F(FollowerTest, AMissingMessageIsSeen) {
  EXPECT_EQ(fault_of(one_ + three_),
            "peer 1 got data a 3 \"three\" where broadcast a 2 \"two\" was due");
}

TEST_F(FollowerTest, AMissingEndIsSeen) {
  EXPECT_EQ(fault_of(one_ + two_), "peer 1 lacks the messages from 3 to 3");
}

TEST_F(FollowerTest, ARepeatIsSeen) { EXPECT_NE(fault_of(one_ + one_ + two_ + three_), ""); }

TEST_F(FollowerTest, AWrongOrderIsSeen) { EXPECT_NE(fault_of(two_ + one_ + three_), ""); }

TEST_F(FollowerTest, WhatNobodyPublishedIsSeen) {
  EXPECT_NE(fault_of(one_ + two_ + three_ + message("data", 4, "four")), "");
}

TEST_F(FollowerTest, ACutMessageIsSeen) {
  EXPECT_NE(fault_of(one_ + two_ + three_.substr(0, 10)), "");
}

TEST_F(FollowerTest, ABroadcastWithoutItsNextSeqIsSeen) {
  EXPECT_NE(fault_of(one_ + message("broadcast", 2, "two") + three_), "");
}

TEST_F(FollowerTest, ACloseThatNobodyAskedForIsSeen) {
  EXPECT_EQ(fault_of(one_ + two_ + three_ + message("close", 4, "")),
            "peer 1 was told of a close that nobody asked for");
}

TEST_F(FollowerTest, HeartbeatsCount) {
  const std::string rest = two_ + three_;
  EXPECT_EQ(fault_of(one_ + message("noop", 0, "") + message("noop", 1, "") + rest), "");
  EXPECT_NE(fault_of(one_ + message("noop", 0, "") + message("noop", 0, "") + rest), "");
}

TEST_F(FollowerTest, WhoMustBeToldTheNextNumberIsToldFirst) {
  peer_.tell_next = true;
  peer_.start = 3;
  EXPECT_EQ(fault_of(message("next_seq", 3, "") + three_), "");
  EXPECT_NE(fault_of(three_), "");
}

TEST_F(FollowerTest, AGapIsRightOnlyWhereItIsAnnounced) {
  const std::string skip = message("next_seq", 3, "");
  EXPECT_NE(fault_of(one_ + skip + three_, Gaps::kNone), "");
  EXPECT_EQ(fault_of(one_ + skip + three_, Gaps::kAnnounced), "");
  EXPECT_NE(fault_of(one_ + three_, Gaps::kAnnounced), "");
  EXPECT_NE(fault_of(one_ + message("next_seq", 5, ""), Gaps::kAnnounced), "") << "not published";
  EXPECT_NE(fault_of(one_ + two_ + message("next_seq", 1, "") + three_, Gaps::kAnnounced), "")
      << "backwards";
}

TEST_F(FollowerTest, WhatACrashTookIsCrossedByTheNumberBehindIt) {
  channel_.next_number = 100;
  publish("hundred");
  const std::string over = message("next_seq", 100, "");
  const std::string hundred = message("data", 100, "hundred");
  EXPECT_EQ(fault_of(one_ + two_ + three_ + over + hundred), "");
  EXPECT_NE(fault_of(one_ + two_ + three_ + hundred), "") << "not told";
  EXPECT_NE(fault_of(one_ + two_ + over + hundred), "") << "more than the crash took";
  EXPECT_NE(fault_of(one_ + two_ + three_ + message("next_seq", 99, "") + hundred), "");
  EXPECT_NE(fault_of(one_ + two_ + three_), "") << "who waits must know where";
}

TEST_F(FollowerTest, ARefusalIsAllThatOneGetsWhoIsNotLetIn) {
  peer_.admission = Admission::kFull;
  session_.listening = false;
  EXPECT_EQ(fault_of(message("429", 0, "Too many subscribers")), "");
  EXPECT_NE(fault_of(message("429", 0, "Too many subscribers") + one_), "");
  EXPECT_NE(fault_of(one_), "");
}

}  // namespace
}  // namespace simulation

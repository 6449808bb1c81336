#include "comet/health.h"

#include <gtest/gtest.h>

#include <vector>

namespace comet {
namespace {

class HealthTest : public testing::Test {
 protected:
  HealthTest() {
    facts_.channels_max = 10;
    facts_.descriptors_max = 100;
    facts_.front_connections_max = 80;
    facts_.process_descriptors = 5;
    for (std::size_t core = 0; core < cores_.size(); ++core) {
      cores_[core].core = core;
      cores_[core].mail.resize(cores_.size());
    }
  }
  std::string reply() {
    const Reply reply = health_reply(facts_, cores_);
    return std::to_string(reply.status) + " " + reply.body;
  }

  ServerFacts facts_;
  std::vector<CoreReport> cores_ = std::vector<CoreReport>(2);
};

TEST_F(HealthTest, AServerWithRoomIsReady) { EXPECT_EQ(reply(), "200 ready\n"); }

TEST_F(HealthTest, WhoDrainsOrStopsIsNot) {
  facts_.phase = ServerPhase::kDraining;
  EXPECT_EQ(reply(), "503 draining\n");
  facts_.phase = ServerPhase::kStopping;
  EXPECT_EQ(reply(), "503 stopping\n");
}

TEST_F(HealthTest, ChannelsMayNotBeUsedUp) {
  cores_[0].channels = 5;
  cores_[1].channels = 4;
  EXPECT_EQ(reply(), "200 ready\n");
  cores_[1].channels = 5;
  EXPECT_EQ(reply(), "503 10 of 10 channels exist\n");
}

TEST_F(HealthTest, TheFrontPortMayNotBeFull) {
  facts_.front_connections = 79;
  EXPECT_EQ(reply(), "200 ready\n");
  facts_.front_connections = 80;
  EXPECT_EQ(reply(), "503 the front port has 80 of 80 connections\n");
}

TEST_F(HealthTest, MemoryMayNotBeShort) {
  facts_.memory_limits.total = 3000;
  cores_[0].memory.history = 2000;
  cores_[1].memory.buffers = 900;
  EXPECT_EQ(reply(), "200 ready\n");
  cores_[1].memory_state = MemoryState::kShort;
  EXPECT_EQ(reply(), "503 2900 of 3000 bytes of memory are taken\n");
}

TEST_F(HealthTest, DescriptorsMayNotBeUsedUp) {
  cores_[0].descriptors = 90;
  cores_[1].descriptors = 4;
  EXPECT_EQ(reply(), "200 ready\n");
  cores_[1].descriptors = 5;
  EXPECT_EQ(reply(), "503 100 of 100 descriptors are open\n");
}

TEST_F(HealthTest, EveryCoreMustKeepUp) {
  cores_[0].mail[1].backlog = kCongestedBacklog;
  EXPECT_EQ(reply(), "200 ready\n");
  cores_[0].mail[1].backlog = kCongestedBacklog + 1;
  EXPECT_EQ(reply(), "503 core 1 does not keep up: 4097 messages wait for it\n");
}

TEST_F(HealthTest, AllReasonsStandInOneLine) {
  facts_.phase = ServerPhase::kDraining;
  cores_[0].channels = 11;
  EXPECT_EQ(reply(), "503 draining; 11 of 10 channels exist\n");
}

}  // namespace
}  // namespace comet

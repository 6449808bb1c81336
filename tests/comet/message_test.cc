#include "comet/message.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace comet {
namespace {

TEST(Message, KeepsItsTypeAndContent) {
  const MessageRef message = MessageRef::make(Message::Type::kBroadcast, "hello");
  EXPECT_EQ(message->type(), Message::Type::kBroadcast);
  EXPECT_EQ(message->content(), "hello");
  EXPECT_FALSE(message->could_end_script());
  EXPECT_EQ(MessageRef::make(Message::Type::kData, "")->content(), "");
}

TEST(Message, KnowsWhetherItCouldEndAScript) {
  EXPECT_TRUE(MessageRef::make(Message::Type::kData, "a</b")->could_end_script());
  EXPECT_FALSE(MessageRef::make(Message::Type::kData, "a<b/")->could_end_script());
}

TEST(Message, CopiesShareAndTheLastOneFrees) {
  MessageRef kept;
  EXPECT_FALSE(kept);
  {
    MessageRef first = MessageRef::make(Message::Type::kData, std::string(1000, 'x'));
    kept = first;
    MessageRef moved = std::move(first);
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): what is left behind is the point
    EXPECT_EQ(moved->content().data(), kept->content().data());
  }
  EXPECT_EQ(kept->content().size(), 1000u);
  const MessageRef& self = kept;
  kept = self;
  EXPECT_EQ(kept->content().size(), 1000u);
}

TEST(Message, ABroadcastCountsOnceUntilTheLastReferenceGoes) {
  BroadcastMemory memory{0};
  MessageRef first = MessageRef::make(Message::Type::kBroadcast, std::string(1000, 'x'));
  const std::uint64_t counted = first.count_in(memory);
  EXPECT_GT(counted, 1000u);
  EXPECT_EQ(first->own_memory(), 0u);
  MessageRef second = first;
  EXPECT_EQ(second.count_in(memory), 0u);
  first = {};
  EXPECT_EQ(memory.load(), counted);
  EXPECT_EQ(second->content(), std::string(1000, 'x'));
  second = {};
  EXPECT_EQ(memory.load(), 0u);
  EXPECT_EQ(MessageRef::make(Message::Type::kData, "12")->own_memory(), sizeof(Message) + 2);
}

TEST(Message, MayBeReleasedOnAnyThread) {
  for (int round = 0; round < 50; ++round) {
    MessageRef message = MessageRef::make(Message::Type::kData, "shared");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([copy = message] {
        for (int j = 0; j < 100; ++j) {
          const MessageRef another = copy;
          EXPECT_EQ(another->content(), "shared");
        }
      });
    }
    message = {};
    for (std::thread& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace comet

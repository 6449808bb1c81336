#include "comet/history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <string>

namespace comet {
namespace {

MessageRef message(std::string_view content) {
  return MessageRef::make(Message::Type::kData, content);
}

TEST(History, NumbersWhatIsAppended) {
  History history(7);
  EXPECT_EQ(history.begin(), 7u);
  EXPECT_EQ(history.next(), 7u);
  history.append(message("a"));
  history.append(message("bc"));
  EXPECT_EQ(history.begin(), 7u);
  EXPECT_EQ(history.next(), 9u);
  EXPECT_EQ(history.bytes(), 3u);
  EXPECT_EQ(history.at(7)->content(), "a");
  EXPECT_EQ(history.at(8)->content(), "bc");
}

TEST(History, ClearForgetsMessagesAndKeepsTheNumbering) {
  History history(1);
  for (int i = 0; i < 5; ++i) history.append(message("x"));
  history.clear();
  EXPECT_EQ(history.size(), 0u);
  EXPECT_EQ(history.bytes(), 0u);
  EXPECT_EQ(history.begin(), 6u);
  EXPECT_EQ(history.next(), 6u);
  history.append(message("y"));
  EXPECT_EQ(history.at(6)->content(), "y");
}

TEST(History, KeepNewestForgetsTheOthersAndTheirRoom) {
  for (const std::uint32_t kept : {0u, 1u, 4u, 5u, 99u, 100u, 101u}) {
    History history(1);
    for (int i = 1; i <= 100; ++i) history.append(message(std::to_string(i)));
    history.keep_newest(kept);
    EXPECT_EQ(history.size(), std::min(kept, 100u));
    EXPECT_EQ(history.next(), 101u);
    history.append(message("101"));
    std::uint64_t bytes = 0;
    for (std::uint64_t seq = history.begin(); seq < history.next(); ++seq) {
      EXPECT_EQ(history.at(seq)->content(), std::to_string(seq));
      bytes += history.at(seq)->content().size();
    }
    EXPECT_EQ(history.bytes(), bytes);
  }
}

TEST(History, OfABroadcastItsMemoryHasTheReferenceOnly) {
  History history(1);
  history.append(message("1234"));
  const std::uint64_t before = history.memory();
  history.append(MessageRef::make(Message::Type::kBroadcast, std::string(1000, 'x')));
  EXPECT_EQ(history.memory(), before);
  EXPECT_EQ(history.bytes(), 1004u);
  history.drop_oldest();
  EXPECT_EQ(history.memory(), before - sizeof(Message) - 4);
}

TEST(History, RestartGoesOnElsewhere) {
  History history(1);
  history.append(message("x"));
  history.restart(100);
  EXPECT_EQ(history.begin(), 100u);
  EXPECT_EQ(history.next(), 100u);
}

TEST(History, BehavesLikeADequeOfNumberedMessages) {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    const std::uint64_t first = random() + 100'000ull;
    History history(first);
    std::deque<std::string> model;
    std::uint64_t begin = first;
    for (int step = 0; step < 300; ++step) {
      const auto dice = random() % 10;
      const std::string content(random() % 20, 'a');
      if (dice < 6) {
        history.append(message(content));
        model.push_back(content);
      } else if (dice < 9 && !model.empty()) {
        history.drop_oldest();
        model.pop_front();
        ++begin;
      } else if (random() % 50 == 0) {
        begin += model.size();
        model.clear();
        history.clear();
      }
      std::size_t bytes = 0;
      ASSERT_EQ(history.begin(), begin);
      ASSERT_EQ(history.size(), model.size());
      for (std::size_t i = 0; i < model.size(); ++i) {
        ASSERT_EQ(history.at(begin + i)->content(), model[i]);
        bytes += model[i].size();
      }
      ASSERT_EQ(history.bytes(), bytes);
    }
  }
}

}  // namespace
}  // namespace comet

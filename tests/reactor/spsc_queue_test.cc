#include "reactor/spsc_queue.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace reactor {
namespace {

// Counts the live ones; moved-from ones are alive until destroyed, as everywhere in C++.
class Counted {
 public:
  Counted(int value, int& live) : value_(value), live_(&live) { ++*live_; }
  Counted(Counted&& other) noexcept : value_(other.value_), live_(other.live_) { ++*live_; }
  Counted& operator=(Counted&&) = delete;
  ~Counted() { --*live_; }
  [[nodiscard]] int value() const { return value_; }

 private:
  int value_;
  int* live_;
};

TEST(SpscQueue, ANewOneIsEmpty) {
  SpscQueue<int> queue(4);
  EXPECT_EQ(queue.front(), nullptr);
  EXPECT_EQ(queue.front(), nullptr);
}

TEST(SpscQueue, CapacityIsRoundedUpToAPowerOfTwo) {
  EXPECT_EQ(SpscQueue<int>(1).capacity(), 1u);
  EXPECT_EQ(SpscQueue<int>(2).capacity(), 2u);
  EXPECT_EQ(SpscQueue<int>(3).capacity(), 4u);
  EXPECT_EQ(SpscQueue<int>(4).capacity(), 4u);
  EXPECT_EQ(SpscQueue<int>(5).capacity(), 8u);
  EXPECT_EQ(SpscQueue<int>(1000).capacity(), 1024u);
}

TEST(SpscQueue, TakesExactlyItsCapacity) {
  for (const std::size_t capacity : {1u, 2u, 8u, 64u}) {
    SpscQueue<std::size_t> queue(capacity);
    for (std::size_t i = 0; i < capacity; ++i) EXPECT_TRUE(queue.push(std::size_t{i}));
    EXPECT_FALSE(queue.push(99u));
    EXPECT_FALSE(queue.push(99u));
    for (std::size_t i = 0; i < capacity; ++i) {
      ASSERT_NE(queue.front(), nullptr);
      EXPECT_EQ(*queue.front(), i);
      queue.pop();
    }
    EXPECT_EQ(queue.front(), nullptr);
  }
}

TEST(SpscQueue, OnePopMakesRoomForOnePush) {
  SpscQueue<int> queue(2);
  EXPECT_TRUE(queue.push(1));
  EXPECT_TRUE(queue.push(2));
  EXPECT_FALSE(queue.push(3));
  ASSERT_NE(queue.front(), nullptr);
  queue.pop();
  EXPECT_TRUE(queue.push(3));
  EXPECT_FALSE(queue.push(4));
  EXPECT_EQ(*queue.front(), 2);
}

TEST(SpscQueue, FrontDoesNotTake) {
  SpscQueue<int> queue(2);
  EXPECT_TRUE(queue.push(7));
  EXPECT_EQ(queue.front(), queue.front());
  EXPECT_EQ(*queue.front(), 7);
}

TEST(SpscQueue, KeepsTheOrderWhenItWraps) {
  std::mt19937 random(1);
  SpscQueue<int> queue(8);
  std::deque<int> model;
  int next = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 2 == 0) {
      const bool pushed = queue.push(int{next});
      ASSERT_EQ(pushed, model.size() < queue.capacity());
      if (pushed) model.push_back(next);
      ++next;
    } else if (model.empty()) {
      ASSERT_EQ(queue.front(), nullptr);
    } else {
      ASSERT_NE(queue.front(), nullptr);
      ASSERT_EQ(*queue.front(), model.front());
      queue.pop();
      model.pop_front();
    }
  }
}

TEST(SpscQueue, CarriesWhatCanOnlyBeMoved) {
  SpscQueue<std::unique_ptr<std::string>> queue(2);
  EXPECT_TRUE(queue.push(std::make_unique<std::string>("a")));
  ASSERT_NE(queue.front(), nullptr);
  const std::unique_ptr<std::string> taken = std::move(*queue.front());
  queue.pop();
  EXPECT_EQ(*taken, "a");
  EXPECT_EQ(queue.front(), nullptr);
}

TEST(SpscQueue, ARefusedValueIsNotMovedFrom) {
  SpscQueue<std::unique_ptr<int>> queue(1);
  EXPECT_TRUE(queue.push(std::make_unique<int>(1)));
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.push(std::move(second)));
  ASSERT_NE(second, nullptr);  // NOLINT(bugprone-use-after-move): the contract of push()
  EXPECT_EQ(*second, 2);
}

TEST(SpscQueue, PopDestroysAndSoDoesTheDestructor) {
  int live = 0;
  {
    SpscQueue<Counted> queue(4);
    for (int i = 0; i < 6; ++i) {
      queue.push(Counted(i, live));
      if (i >= 2) continue;
      ASSERT_NE(queue.front(), nullptr);
      queue.pop();
    }
    EXPECT_EQ(live, 4);
    ASSERT_NE(queue.front(), nullptr);
    EXPECT_EQ(queue.front()->value(), 2);
    queue.pop();
    EXPECT_EQ(live, 3);
  }
  EXPECT_EQ(live, 0);
}

TEST(SpscQueue, HonoursTheAlignmentOfItsElements) {
  struct alignas(128) Wide {
    int value;
  };
  SpscQueue<Wide> queue(4);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(queue.push(Wide{i}));
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(queue.front()) % 128, 0u);
    EXPECT_EQ(queue.front()->value, i);
    queue.pop();
  }
}

TEST(SpscQueue, AMillionItemsCrossBetweenTwoThreadsInOrder) {
  constexpr std::uint32_t kItems = 1'000'000;
  SpscQueue<std::uint32_t> queue(256);
  std::thread producer([&queue] {
    for (std::uint32_t i = 0; i < kItems; ++i) {
      while (!queue.push(std::uint32_t{i})) std::this_thread::yield();
    }
  });
  std::uint32_t out_of_order = 0;
  for (std::uint32_t i = 0; i < kItems; ++i) {
    const std::uint32_t* item = queue.front();
    while (item == nullptr) {
      std::this_thread::yield();
      item = queue.front();
    }
    if (*item != i) ++out_of_order;
    queue.pop();
  }
  producer.join();
  EXPECT_EQ(out_of_order, 0u);
  EXPECT_EQ(queue.front(), nullptr);
}

TEST(SpscQueue, WhatAPointerNamesArrivesWithIt) {
  constexpr int kItems = 20'000;
  SpscQueue<std::unique_ptr<int>> queue(64);
  std::thread producer([&queue] {
    for (int i = 0; i < kItems; ++i) {
      auto item = std::make_unique<int>(i);
      while (!queue.push(std::move(item))) std::this_thread::yield();
    }
  });
  std::int64_t sum = 0;
  for (int i = 0; i < kItems; ++i) {
    while (queue.front() == nullptr) std::this_thread::yield();
    const std::unique_ptr<int> item = std::move(*queue.front());
    queue.pop();
    sum += *item;
  }
  producer.join();
  EXPECT_EQ(sum, std::int64_t{kItems} * (kItems - 1) / 2);
}

}  // namespace
}  // namespace reactor

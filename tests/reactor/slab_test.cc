#include "reactor/slab.h"

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace reactor {
namespace {

struct Counted {
  Counted(int v, int& live) : value(v), live_(&live) { ++*live_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --*live_; }
  int value;

 private:
  int* live_;
};

TEST(Slab, ANewOneHoldsNothing) {
  Slab<int> slab;
  EXPECT_EQ(slab.size(), 0u);
  EXPECT_FALSE(slab.is_live(0));
  EXPECT_FALSE(slab.is_live(kNoIndex));
  EXPECT_EQ(slab.find(0, 0), nullptr);
  EXPECT_EQ(slab.find(kNoIndex, 1), nullptr);
}

TEST(Slab, AnObjectIsFoundByIndexAndGeneration) {
  Slab<std::string> slab;
  const std::uint32_t index = slab.emplace("hello");
  EXPECT_EQ(slab.size(), 1u);
  EXPECT_TRUE(slab.is_live(index));
  EXPECT_EQ(slab[index], "hello");
  EXPECT_EQ(slab.find(index, slab.generation(index)), &slab[index]);
}

TEST(Slab, ConstructsInPlaceFromArguments) {
  Slab<std::pair<int, std::unique_ptr<int>>> slab;
  const std::uint32_t index = slab.emplace(3, std::make_unique<int>(4));
  EXPECT_EQ(slab[index].first, 3);
  EXPECT_EQ(*slab[index].second, 4);
}

TEST(Slab, LiveSlotsHaveOddGenerations) {
  Slab<int> slab;
  const std::uint32_t index = slab.emplace(1);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(slab.generation(index) % 2, 1u);
    slab.erase(index);
    EXPECT_EQ(slab.generation(index) % 2, 0u);
    EXPECT_FALSE(slab.is_live(index));
    ASSERT_EQ(slab.emplace(1), index);
  }
}

TEST(Slab, AStaleNameFindsNothing) {
  Slab<int> slab;
  const std::uint32_t index = slab.emplace(1);
  const std::uint32_t first = slab.generation(index);
  slab.erase(index);
  EXPECT_EQ(slab.find(index, first), nullptr);
  EXPECT_EQ(slab.find(index, slab.generation(index)), nullptr);  // of the free slot itself

  ASSERT_EQ(slab.emplace(2), index);
  const std::uint32_t second = slab.generation(index);
  EXPECT_NE(second, first);
  EXPECT_EQ(slab.find(index, first), nullptr);
  ASSERT_NE(slab.find(index, second), nullptr);
  EXPECT_EQ(*slab.find(index, second), 2);
}

TEST(Slab, AFreedSlotIsUsedAgainBeforeMemoryIsTaken) {
  Slab<int> slab;
  std::vector<std::uint32_t> indices;
  for (int i = 0; i < 1000; ++i) indices.push_back(slab.emplace(int{i}));
  const std::uint32_t end = slab.index_end();
  for (int round = 0; round < 5; ++round) {
    for (const std::uint32_t index : indices) slab.erase(index);
    EXPECT_EQ(slab.size(), 0u);
    for (std::uint32_t& index : indices) index = slab.emplace(0);
    EXPECT_EQ(slab.size(), 1000u);
    EXPECT_EQ(slab.index_end(), end);
  }
}

TEST(Slab, MemoryIsGivenBackAndStaleNamesStillFindNothing) {
  int live = 0;
  Slab<Counted> slab;
  struct Name {
    std::uint32_t index;
    std::uint32_t generation;
  };
  std::vector<Name> names;
  std::size_t most = 0;
  std::size_t least = 0;
  for (int round = 0; round < 3; ++round) {
    const std::size_t first = names.size();
    for (int i = 0; i < 10'000; ++i) {
      const std::uint32_t index = slab.emplace(i, live);
      names.push_back({index, slab.generation(index)});
    }
    if (round == 0) most = slab.memory();
    EXPECT_EQ(slab.memory(), most);
    for (std::size_t i = first; i < names.size(); ++i) slab.erase(names[i].index);
    if (round == 0) least = slab.memory();
    EXPECT_EQ(slab.memory(), least);
    for (const Name& name : names) EXPECT_EQ(slab.find(name.index, name.generation), nullptr);
  }
  // What stays: generations, and one chunk.
  EXPECT_LT(least, most / 3);
  EXPECT_EQ(live, 0);
}

TEST(Slab, AtTheBorderOfAChunkMemoryDoesNotComeAndGo) {
  Slab<std::uint64_t> slab;
  for (std::uint64_t i = 0; i < 256; ++i) slab.emplace(i);
  const std::uint32_t beyond = slab.emplace(256u);
  const std::size_t memory = slab.memory();
  slab.erase(beyond);
  EXPECT_EQ(slab.memory(), memory);
  EXPECT_EQ(slab.emplace(256u), beyond);
  EXPECT_EQ(slab.memory(), memory);
}

TEST(Slab, IndicesAreDistinctAndBelowTheEnd) {
  Slab<int> slab;
  std::set<std::uint32_t> indices;
  for (int i = 0; i < 3000; ++i) {
    const std::uint32_t index = slab.emplace(int{i});
    EXPECT_LT(index, slab.index_end());
    EXPECT_TRUE(indices.insert(index).second);
  }
}

TEST(Slab, ObjectsNeverMove) {
  Slab<std::uint64_t> slab;
  std::vector<std::pair<std::uint32_t, std::uint64_t*>> first;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const std::uint32_t index = slab.emplace(i);
    first.emplace_back(index, &slab[index]);
  }
  for (std::uint64_t i = 0; i < 20'000; ++i) slab.emplace(i);
  for (std::uint64_t i = 0; i < 300; ++i) {
    EXPECT_EQ(&slab[first[i].first], first[i].second);
    EXPECT_EQ(*first[i].second, i);
  }
}

TEST(Slab, EraseDestroysAtOnce) {
  int live = 0;
  Slab<Counted> slab;
  const std::uint32_t a = slab.emplace(1, live);
  const std::uint32_t b = slab.emplace(2, live);
  EXPECT_EQ(live, 2);
  slab.erase(a);
  EXPECT_EQ(live, 1);
  EXPECT_EQ(slab[b].value, 2);
}

TEST(Slab, ItsDestructorDestroysWhatIsLeft) {
  int live = 0;
  {
    Slab<Counted> slab;
    std::vector<std::uint32_t> indices;
    for (int i = 0; i < 700; ++i) indices.push_back(slab.emplace(i, live));
    for (std::size_t i = 0; i < indices.size(); i += 3) slab.erase(indices[i]);
    EXPECT_EQ(static_cast<std::size_t>(live), slab.size());
    EXPECT_GT(live, 0);
  }
  EXPECT_EQ(live, 0);
}

TEST(Slab, ForEachVisitsEachLiveObjectOnce) {
  Slab<int> slab;
  std::map<std::uint32_t, int> expected;
  for (int i = 0; i < 600; ++i) expected[slab.emplace(int{i})] = i;
  for (const std::uint32_t index : {0u, 255u, 256u, 599u}) {
    slab.erase(index);
    expected.erase(index);
  }
  std::map<std::uint32_t, int> seen;
  slab.for_each(
      [&](std::uint32_t index, int& value) { EXPECT_TRUE(seen.emplace(index, value).second); });
  EXPECT_EQ(seen, expected);
}

TEST(Slab, ForEachMayEraseTheObjectItIsAt) {
  int live = 0;
  Slab<Counted> slab;
  for (int i = 0; i < 600; ++i) slab.emplace(i, live);
  int visits = 0;
  slab.for_each([&](std::uint32_t index, Counted& object) {
    ++visits;
    if (object.value % 2 == 0) slab.erase(index);
  });
  EXPECT_EQ(visits, 600);
  EXPECT_EQ(slab.size(), 300u);
  EXPECT_EQ(live, 300);
  slab.for_each([](std::uint32_t, Counted& object) { EXPECT_EQ(object.value % 2, 1); });
}

TEST(Slab, AReadOnlyOneCanBeRead) {
  Slab<int> slab;
  const std::uint32_t index = slab.emplace(5);
  const Slab<int>& view = slab;
  EXPECT_EQ(view[index], 5);
}

TEST(Slab, AgreesWithAMapUnderRandomUse) {
  std::mt19937 random(3);
  int live = 0;
  Slab<Counted> slab;
  struct Name {
    std::uint32_t index;
    std::uint32_t generation;
    int value;
  };
  std::vector<Name> living;
  std::vector<Name> dead;
  for (int step = 0; step < 20'000; ++step) {
    if (living.empty() || random() % 100 < 52) {
      const std::uint32_t index = slab.emplace(step, live);
      living.push_back({index, slab.generation(index), step});
    } else {
      const std::size_t at = random() % living.size();
      slab.erase(living[at].index);
      dead.push_back(living[at]);
      living[at] = living.back();
      living.pop_back();
    }
    ASSERT_EQ(slab.size(), living.size());
    ASSERT_EQ(static_cast<std::size_t>(live), living.size());
    if (!living.empty()) {
      const Name& name = living[random() % living.size()];
      const Counted* object = slab.find(name.index, name.generation);
      ASSERT_NE(object, nullptr);
      ASSERT_EQ(object->value, name.value);
    }
    if (!dead.empty()) {
      const Name& name = dead[random() % dead.size()];
      ASSERT_EQ(slab.find(name.index, name.generation), nullptr);
    }
  }
}

#ifndef NDEBUG
TEST(SlabDeathTest, TouchingAFreeSlotIsCaughtInDebugBuilds) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Slab<int> slab;
  const std::uint32_t index = slab.emplace(1);
  slab.erase(index);
  EXPECT_DEATH(slab.erase(index), "check failed: is_live");
  EXPECT_DEATH(slab[index] = 2, "check failed: is_live");
}
#endif

}  // namespace
}  // namespace reactor

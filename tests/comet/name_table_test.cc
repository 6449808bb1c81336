#include "comet/name_table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace comet {
namespace {

struct Named {
  explicit Named(ChannelName n) : name(std::move(n)) {}
  ChannelName name;
};

TEST(NameTable, FindsWhatWasInsertedUntilItIsErased) {
  const NameHash hash(1, 2);
  reactor::Slab<Named> slab;
  NameTable<Named> table(slab);
  std::vector<std::uint32_t> indices;
  for (int i = 0; i < 1000; ++i) {
    indices.push_back(slab.emplace(hash.named("channel-" + std::to_string(i))));
    table.insert(indices.back());
  }
  EXPECT_EQ(table.size(), 1000u);
  for (int i = 0; i < 1000; i += 2) {
    table.erase(indices[static_cast<std::size_t>(i)]);
    slab.erase(indices[static_cast<std::size_t>(i)]);
  }
  EXPECT_EQ(table.size(), 500u);
  for (int i = 0; i < 1000; ++i) {
    const std::uint32_t expected =
        i % 2 == 0 ? reactor::kNoIndex : indices[static_cast<std::size_t>(i)];
    EXPECT_EQ(table.find(hash.named("channel-" + std::to_string(i))), expected);
  }
}

TEST(NameTable, TellsNamesWithEqualHashesApart) {
  reactor::Slab<Named> slab;
  NameTable<Named> table(slab);
  const std::uint32_t a = slab.emplace(ChannelName{"a", 5});
  const std::uint32_t b = slab.emplace(ChannelName{"b", 5});
  table.insert(a);
  table.insert(b);
  EXPECT_EQ(table.find({"a", 5}), a);
  EXPECT_EQ(table.find({"b", 5}), b);
  EXPECT_EQ(table.find({"c", 5}), reactor::kNoIndex);
  EXPECT_EQ(table.find({"a", 6}), reactor::kNoIndex);
}

TEST(NameHash, DependsOnTheKey) {
  EXPECT_EQ(NameHash(1, 2)("a"), NameHash(1, 2)("a"));
  EXPECT_NE(NameHash(1, 2)("a"), NameHash(1, 3)("a"));
  EXPECT_NE(NameHash::random()("a"), NameHash::random()("a"));
}

TEST(NameHash, SpreadsChannelsOverTheCores) {
  const NameHash hash(1, 2);
  std::vector<int> homes(3, 0);
  for (int i = 0; i < 3000; ++i) {
    const std::size_t home = home_core(hash("c" + std::to_string(i)), homes.size());
    ASSERT_LT(home, homes.size());
    ++homes[home];
  }
  for (const int count : homes) EXPECT_GT(count, 800);
}

}  // namespace
}  // namespace comet

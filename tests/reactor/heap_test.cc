#include "reactor/heap.h"

#include <malloc.h>

#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/sanitized.h"

namespace reactor {
namespace {

std::size_t mapped_bytes() { return mallinfo2().hblkhd; }

TEST(Heap, LargeBlocksAreGivenBackHoweverManyWereFreedBefore) {
  if (support::kSanitized) GTEST_SKIP() << "a sanitizer brings an allocator of its own";
  keep_large_blocks_apart();
  // More than the heap has free, and as much as glibc's own threshold would come to at most.
  constexpr std::size_t kLarge = 16 << 20;
  constexpr std::size_t kLargest = 32 << 20;
  {
    const std::vector<char> largest(kLargest);
    EXPECT_NE(largest.data(), nullptr);
  }
  const std::size_t before = mapped_bytes();
  {
    const std::vector<char> block(kLarge);
    EXPECT_NE(block.data(), nullptr);
    EXPECT_GE(mapped_bytes(), before + kLarge);
  }
  EXPECT_EQ(mapped_bytes(), before);
}

TEST(Heap, SmallerBlocksAreNotMappedOneByOne) {
  if (support::kSanitized) GTEST_SKIP() << "a sanitizer brings an allocator of its own";
  keep_large_blocks_apart();
  const std::size_t before = mapped_bytes();
  const std::vector<char> block(kLargeBlockBytes / 2);
  EXPECT_NE(block.data(), nullptr);
  EXPECT_EQ(mapped_bytes(), before);
}

}  // namespace
}  // namespace reactor

// The checksum of a block, and integers as bytes.
#include "comet/state_format.h"

#include <gtest/gtest.h>

namespace comet {
namespace {

TEST(StateFormat, IntegersAreLittleEndianAndComeBack) {
  std::string bytes;
  append_le(bytes, std::uint32_t{0x01020304});
  append_le(bytes, std::int64_t{-2});
  EXPECT_EQ(bytes, std::string_view("\x04\x03\x02\x01\xfe\xff\xff\xff\xff\xff\xff\xff", 12));
  EXPECT_EQ(read_le<std::uint32_t>(bytes.data()), 0x01020304u);
  EXPECT_EQ(read_le<std::int64_t>(bytes.data() + 4), -2);
}

TEST(StateFormat, TheChecksumCoversPlaceKindAndLength) {
  const std::uint32_t crc = block_crc(1, BlockKind::kItems, "abc");
  EXPECT_EQ(crc, block_crc(1, BlockKind::kItems, "abc"));
  EXPECT_NE(crc, block_crc(2, BlockKind::kItems, "abc"));
  EXPECT_NE(crc, block_crc(1, BlockKind::kFooter, "abc"));
  EXPECT_NE(crc, block_crc(1, BlockKind::kItems, std::string_view("abc\0", 4)));
}

}  // namespace
}  // namespace comet

#include "http/chunk.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace http {
namespace {

std::string head_of(std::size_t size) {
  std::string out;
  append_chunk_head(out, size);
  return out;
}

TEST(Chunk, AHeadIsTheSizeInHex) {
  const std::pair<std::size_t, std::string_view> cases[] = {
      {1, "1\r\n"},
      {9, "9\r\n"},
      {10, "a\r\n"},
      {15, "f\r\n"},
      {16, "10\r\n"},
      {255, "ff\r\n"},
      {256, "100\r\n"},
      {4096, "1000\r\n"},
      {1048576, "100000\r\n"},
      {SIZE_MAX, "ffffffffffffffff\r\n"},
  };
  for (const auto& [size, head] : cases) EXPECT_EQ(head_of(size), head) << size;
}

TEST(Chunk, IsAppended) {
  std::string out;
  for (const std::string_view data : {"hello", "0123456789abcdef"}) {
    append_chunk_head(out, data.size());
    out.append(data).append(kChunkEnd);
  }
  out.append(kLastChunk);
  EXPECT_EQ(out, "5\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n");
}

}  // namespace
}  // namespace http

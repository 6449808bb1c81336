#include "bench/load/payload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

namespace load {
namespace {

std::string bytes_of(const Payload& payload, std::uint32_t channel, std::uint64_t number) {
  std::string out;
  payload.append(out, channel, number);
  return out;
}

TEST(Payload, CarriesChannelAndNumberInTheSizeAskedFor) {
  EXPECT_EQ(bytes_of(Payload(24), 3, 41), "0000000003/0000000041/xx");
  for (const std::size_t size : {0u, 21u, 22u, 23u, 100u}) {
    const Payload payload(size);
    EXPECT_EQ(payload.size(), std::max(size, Payload::kLeastBytes));
    for (const std::uint64_t number : {1ull, 99ull, 9'999'999'999ull}) {
      const std::string bytes = bytes_of(payload, 4'294'967'294, number);
      EXPECT_EQ(bytes.size(), payload.size());
      EXPECT_EQ(payload.read(bytes, 4'294'967'294), number);
    }
  }
}

TEST(Payload, ReadsNothingElse) {
  const Payload payload(24);
  EXPECT_TRUE(payload.read("0000000003/0000000041/xx", 3));
  EXPECT_FALSE(payload.read("0000000003/0000000041/xx", 4));
  EXPECT_FALSE(payload.read("0000000003/0000000041/x", 3));
  EXPECT_FALSE(payload.read("0000000003/0000000041/xxx", 3));
  EXPECT_FALSE(payload.read("0000000003/0000000041/xy", 3));
  EXPECT_FALSE(payload.read("0000000003/000000004a/xx", 3));
  EXPECT_FALSE(payload.read("0000000003-0000000041/xx", 3));
  EXPECT_FALSE(payload.read("0000000003/000000041/xxx", 3));
  EXPECT_FALSE(payload.read("", 3));
}

}  // namespace
}  // namespace load

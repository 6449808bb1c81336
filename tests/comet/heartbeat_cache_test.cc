#include "comet/heartbeat_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace comet {
namespace {

constexpr Ref kAudience{7, 1};
constexpr Framing kStream{Transport::kStream, true};

TEST(HeartbeatCache, HoldsTheWholeFrame) {
  HeartbeatCache cache;
  const std::string frame(cache.frame(kAudience, "a", kStream, 3, 8));
  EXPECT_EQ(frame, "31\r\n{\"type\":\"noop\",\"cname\":\"a\",\"seq\":3,\"content\":\"\"}\n\r\n");
  EXPECT_EQ(cache.frame(kAudience, "a", kStream, 3, 8), frame);
}

// Whatever differs, the frame is what it would be without a cache.
TEST(HeartbeatCache, IsMadeAnewForWhomItDoesNotFit) {
  const auto fresh = [](Ref audience, std::string_view cname, Framing framing, std::int64_t noop,
                        std::uint64_t next) {
    HeartbeatCache cache;
    return std::string(cache.frame(audience, cname, framing, noop, next));
  };
  HeartbeatCache cache;
  cache.frame(kAudience, "a", kStream, 0, 8);
  const Framing bare{Transport::kStream, false};
  const Framing sse{Transport::kSse, true};
  EXPECT_EQ(cache.frame(kAudience, "a", kStream, 1, 8), fresh(kAudience, "a", kStream, 1, 8));
  EXPECT_EQ(cache.frame(kAudience, "a", bare, 1, 8), fresh(kAudience, "a", bare, 1, 8));
  EXPECT_EQ(cache.frame(kAudience, "a", sse, 1, 8), fresh(kAudience, "a", sse, 1, 8));
  EXPECT_EQ(cache.frame(kAudience, "a", sse, 1, 9), fresh(kAudience, "a", sse, 1, 9));
  EXPECT_EQ(cache.frame({8, 1}, "b", sse, 1, 8), fresh({8, 1}, "b", sse, 1, 8));
  EXPECT_EQ(cache.frame({8, 2}, "c", sse, 1, 8), fresh({8, 2}, "c", sse, 1, 8));
}

TEST(HeartbeatCache, TheFirstFrameIsMadeEvenIfItLooksLikeNone) {
  HeartbeatCache cache;
  EXPECT_FALSE(cache.frame(Ref{}, "a", kStream, 0, 8).empty());
}

}  // namespace
}  // namespace comet

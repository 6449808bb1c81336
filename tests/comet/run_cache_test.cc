#include "comet/run_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace comet {
namespace {

constexpr Ref kAudience{7, 1};
constexpr Framing kStream{Transport::kStream, true};

class RunCacheTest : public testing::Test {
 protected:
  void publish(std::string_view content) {
    audience_.window.append(MessageRef::make(Message::Type::kData, content));
  }
  const comet::Run& run(std::uint64_t from, Framing framing = kStream, Ref ref = kAudience) {
    return cache_.run(ref, audience_, framing, from);
  }
  // What the messages look like one by one.
  std::string rendered(std::uint64_t from, std::uint64_t to, Framing framing = kStream) {
    std::string bytes;
    for (std::uint64_t seq = from; seq < to; ++seq) {
      append_message(bytes, framing, audience_.name.text, seq, *audience_.window.at(seq));
    }
    return bytes;
  }

  Audience audience_{ChannelName{"a", 1}};
  RunCache cache_;
};

TEST_F(RunCacheTest, JoinsAllThatWaits) {
  for (const char* content : {"x", "yy", "zzz"}) publish(content);
  const comet::Run& all = run(1);
  EXPECT_EQ(all.to, 4u);
  EXPECT_EQ(all.bytes, rendered(1, 4));
  ASSERT_EQ(all.ends.size(), 3u);
  EXPECT_EQ(all.ends[0], rendered(1, 2).size());
  EXPECT_EQ(all.ends[2], all.bytes.size());
}

TEST_F(RunCacheTest, StartsAnywhere) {
  for (const char* content : {"x", "yy", "zzz"}) publish(content);
  EXPECT_EQ(run(3).bytes, rendered(3, 4));
  EXPECT_EQ(run(2).bytes, rendered(2, 4));
}

TEST_F(RunCacheTest, IsLengthenedWhenMoreCame) {
  publish("x");
  run(1);
  publish("y");
  EXPECT_EQ(run(1).bytes, rendered(1, 3));
  EXPECT_EQ(run(1).to, 3u);
}

TEST_F(RunCacheTest, RendersForEachFraming) {
  publish("x");
  const Framing bare{Transport::kSse, false};
  EXPECT_EQ(run(1).bytes, rendered(1, 2));
  EXPECT_EQ(run(1, bare).bytes, rendered(1, 2, bare));
}

TEST_F(RunCacheTest, EndsWhereItIsLongEnough) {
  const std::string large(RunCache::kRunBytesMax / 2, 'x');
  for (int i = 0; i < 5; ++i) publish(large);
  EXPECT_EQ(run(1).to, 3u);
  publish("y");
  EXPECT_EQ(run(1).to, 3u);
  EXPECT_EQ(run(3).to, 5u);
}

TEST_F(RunCacheTest, ANewChannelOfTheSameNameIsNotTakenForTheOld) {
  publish("old");
  run(1);
  ++audience_.epoch;
  audience_.window.restart(1);
  publish("new");
  EXPECT_EQ(run(1).bytes, rendered(1, 2));
}

TEST_F(RunCacheTest, AnotherAudienceHasItsOwnName) {
  publish("x");
  run(1);
  audience_.name.text = "b";
  EXPECT_EQ(run(1, kStream, {8, 1}).bytes, rendered(1, 2));
}

}  // namespace
}  // namespace comet

#include "comet/poll_answer_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace comet {
namespace {

constexpr Ref kAudience{7, 1};
constexpr PollWrap kBare{false, {}};

class PollAnswerCacheTest : public testing::Test {
 protected:
  PollAnswerCacheTest() {
    heads_.begin_turn(784'111'777);
    publish("x");
  }
  void publish(std::string_view content) {
    audience_.window.append(MessageRef::make(Message::Type::kData, content));
  }
  std::string answer(std::uint64_t from, PollWrap wrap = kBare, bool keep_alive = true,
                     Ref ref = kAudience) {
    return std::string(cache_.answer(ref, audience_, wrap, from, keep_alive, {}, heads_));
  }
  // What the same poll gets from a cache that has made nothing yet.
  std::string made_anew(std::uint64_t from, PollWrap wrap = kBare, bool keep_alive = true) {
    PollAnswerCache fresh;
    return std::string(fresh.answer({99, 99}, audience_, wrap, from, keep_alive, {}, heads_));
  }

  ResponseHeads heads_{"Access-Control-Allow-Origin: *\r\n", 2000};
  Audience audience_{ChannelName{"a", 1}};
  PollAnswerCache cache_;
};

TEST_F(PollAnswerCacheTest, HoldsTheWholeResponse) {
  const std::string response = answer(1);
  EXPECT_TRUE(response.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(response.ends_with(
      "\r\n\r\n{\"type\":\"data\",\"cname\":\"a\",\"seq\":1,\"content\":\"x\"}\n"));
  EXPECT_EQ(answer(1), response);
}

// Whatever differs, the answer is what it would be without a cache.
TEST_F(PollAnswerCacheTest, IsMadeAnewForWhomItDoesNotFit) {
  const PollWrap f{true, "f"};
  const PollWrap g{true, "g"};
  answer(1);
  EXPECT_EQ(answer(1, f), made_anew(1, f));
  EXPECT_EQ(answer(1, g), made_anew(1, g));
  EXPECT_EQ(answer(1, g, false), made_anew(1, g, false));
  EXPECT_NE(answer(1, g, false), answer(1, g, true));
  publish("y");
  EXPECT_EQ(answer(1), made_anew(1));
  EXPECT_EQ(answer(2), made_anew(2));
  EXPECT_EQ(answer(1), made_anew(1));
}

TEST_F(PollAnswerCacheTest, ANewChannelOfTheSameNameIsNotTakenForTheOld) {
  answer(1);
  ++audience_.epoch;
  audience_.window.restart(1);
  publish("new");
  EXPECT_EQ(answer(1), made_anew(1));
}

TEST_F(PollAnswerCacheTest, AnotherAudienceIsAnother) {
  answer(1);
  audience_.name.text = "b";
  EXPECT_EQ(answer(1, kBare, true, {8, 1}), made_anew(1));
}

TEST_F(PollAnswerCacheTest, ForgetsWhenTheDateChanges) {
  answer(1);
  EXPECT_FALSE(heads_.begin_turn(784'111'777));
  EXPECT_TRUE(heads_.begin_turn(784'111'778));
  cache_.forget();
  EXPECT_EQ(answer(1), made_anew(1));
  EXPECT_NE(answer(1).find("08:49:38"), std::string::npos);
}

}  // namespace
}  // namespace comet

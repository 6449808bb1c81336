#include "comet/publish_refusal.h"

#include <gtest/gtest.h>

namespace comet {
namespace {

TEST(PublishRefusalTest, WhatMayWorkLaterIs503) {
  for (const Outcome outcome :
       {Outcome::kOverloaded, Outcome::kNumbersShort, Outcome::kMemoryFull}) {
    ASSERT_TRUE(publish_refusal(outcome));
    EXPECT_EQ(publish_refusal(outcome)->status, 503);
    EXPECT_TRUE(publish_refusal(outcome)->sentence.ends_with("; try again later"));
  }
  ASSERT_TRUE(publish_refusal(Outcome::kTooManyChannels));
  EXPECT_EQ(publish_refusal(Outcome::kTooManyChannels)->status, 429);
}

TEST(PublishRefusalTest, WhatWasPublishedOrSaysSomethingElseIsNone) {
  for (const Outcome outcome : {Outcome::kOk, Outcome::kUnknownChannel, Outcome::kTokenError}) {
    EXPECT_FALSE(publish_refusal(outcome));
  }
}

}  // namespace
}  // namespace comet

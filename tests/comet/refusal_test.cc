#include "comet/refusal.h"

#include <gtest/gtest.h>

namespace comet {
namespace {

TEST(Refusal, SaysWhatClientsLookFor) {
  EXPECT_EQ(refusal_of(Outcome::kTooManyChannels).type, "429");
  EXPECT_EQ(refusal_of(Outcome::kTooManyChannels).content, "Too many channels");
  EXPECT_EQ(refusal_of(Outcome::kTooManySubscribers).type, "429");
  EXPECT_EQ(refusal_of(Outcome::kTooManySubscribers).content, "Too many subscribers");
  EXPECT_EQ(refusal_of(Outcome::kTokenError).type, "401");
  EXPECT_EQ(refusal_of(Outcome::kTokenError).content, "Token error");
}

TEST(Refusal, AnUnknownChannelIsATokenErrorThatIsCountedByItself) {
  EXPECT_EQ(refusal_of(Outcome::kUnknownChannel).type, "401");
  EXPECT_EQ(refusal_of(Outcome::kUnknownChannel).content, "Token error");
  EXPECT_EQ(refusal_of(Outcome::kUnknownChannel).reason, CloseReason::kUnknownChannel);
}

}  // namespace
}  // namespace comet

#include "comet/delivery_lag.h"

#include <gtest/gtest.h>

namespace comet {
namespace {

MessageRef received_at(std::uint64_t us) { return MessageRef::make(Message::Type::kData, "x", us); }

TEST(DeliveryLag, CountsFromReceiptToTheEndOfTheTurn) {
  DeliveryLag lag;
  lag.delivered(*received_at(1000));
  lag.delivered(*received_at(1000));
  lag.delivered(*received_at(1200));
  EXPECT_EQ(lag.lag_us().count(), 0u) << "the clock has not been read yet";
  lag.turn_ended(1300);
  EXPECT_EQ(lag.lag_us().count(), 3u);
  EXPECT_EQ(lag.lag_us().sum(), 300u + 300 + 100);
  lag.turn_ended(9999);
  EXPECT_EQ(lag.lag_us().count(), 3u) << "nothing is counted twice";
}

TEST(DeliveryLag, TheClocksLowHalfMayWrap) {
  DeliveryLag lag;
  lag.delivered(*received_at((UINT64_C(1) << 32) - 10));
  lag.turn_ended((UINT64_C(1) << 32) + 20);
  EXPECT_EQ(lag.lag_us().max(), 30u);
}

}  // namespace
}  // namespace comet

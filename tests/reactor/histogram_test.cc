#include "reactor/histogram.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace reactor {
namespace {

TEST(Histogram, EveryBucketEndsWhereTheNextBegins) {
  EXPECT_EQ(Histogram::bucket_of(0), 0u);
  for (std::size_t bucket = 0; bucket + 1 < Histogram::kBuckets; ++bucket) {
    const std::uint64_t bound = Histogram::upper_bound_of(bucket);
    EXPECT_EQ(Histogram::bucket_of(bound), bucket) << bound;
    EXPECT_EQ(Histogram::bucket_of(bound + 1), bucket + 1) << bound;
  }
  EXPECT_EQ(Histogram::upper_bound_of(Histogram::kBuckets - 1), 1u << Histogram::kValueBits);
}

TEST(Histogram, NoBucketIsWiderThanAnEighthOfWhatItHolds) {
  for (std::size_t bucket = 8; bucket < Histogram::kBuckets; ++bucket) {
    const std::uint64_t lower = Histogram::upper_bound_of(bucket - 1);
    EXPECT_LE((Histogram::upper_bound_of(bucket) - lower) * 8, lower) << bucket;
  }
}

TEST(Histogram, AnEmptyOneHasNothingToSay) {
  const Histogram empty;
  EXPECT_EQ(empty.count(), 0u);
  EXPECT_EQ(empty.max(), 0u);
  EXPECT_EQ(empty.percentile(99), 0u);
  EXPECT_EQ(empty.count_up_to_power(Histogram::kValueBits), 0u);
}

TEST(Histogram, PowersOfTwoAreExactBounds) {
  Histogram histogram;
  for (const std::uint64_t value : {0, 1, 2, 63, 64, 65, 1024, 1025}) histogram.record(value);
  EXPECT_EQ(histogram.count_up_to_power(0), 2u);
  EXPECT_EQ(histogram.count_up_to_power(1), 3u);
  EXPECT_EQ(histogram.count_up_to_power(5), 3u);
  EXPECT_EQ(histogram.count_up_to_power(6), 5u);
  EXPECT_EQ(histogram.count_up_to_power(7), 6u);
  EXPECT_EQ(histogram.count_up_to_power(10), 7u);
  EXPECT_EQ(histogram.count_up_to_power(11), 8u);
  EXPECT_EQ(histogram.sum(), 0u + 1 + 2 + 63 + 64 + 65 + 1024 + 1025);
}

TEST(Histogram, APercentileIsABoundAndNeverBeyondTheLargest) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 1000; ++value) histogram.record(value);
  EXPECT_GE(histogram.percentile(50), 500u);
  EXPECT_LE(histogram.percentile(50), 500u + 500 / 8);
  EXPECT_GE(histogram.percentile(99), 990u);
  EXPECT_EQ(histogram.percentile(100), 1000u);
  EXPECT_EQ(histogram.percentile(0), 1u);
  EXPECT_EQ(histogram.max(), 1000u);
}

TEST(Histogram, WhatIsTooLargeIsTheLargest) {
  Histogram histogram;
  histogram.record(UINT64_C(1) << 40);
  EXPECT_EQ(histogram.max(), UINT64_C(1) << 40);
  EXPECT_EQ(histogram.percentile(50), UINT64_C(1) << 40);
  EXPECT_EQ(histogram.count(), 1u);
}

TEST(Histogram, TwoAddUp) {
  Histogram a;
  Histogram b;
  a.record(3, 5);
  b.record(100);
  a += b;
  EXPECT_EQ(a.count(), 6u);
  EXPECT_EQ(a.sum(), 115u);
  EXPECT_EQ(a.max(), 100u);
  EXPECT_EQ(a.count_up_to_power(2), 5u);
}

}  // namespace
}  // namespace reactor

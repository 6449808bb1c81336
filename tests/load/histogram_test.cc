#include "bench/load/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

namespace load {
namespace {

// The definition, on sorted values.
std::uint64_t exact(const std::vector<std::uint64_t>& sorted, double percent) {
  const double rank = std::ceil(percent / 100 * static_cast<double>(sorted.size()));
  return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

TEST(Histogram, BucketsFollowEachOtherWithoutAGapAndAreNarrow) {
  std::uint64_t next = 0;
  for (std::size_t bucket = 0; bucket < Histogram::kBuckets; ++bucket) {
    const std::uint64_t largest = Histogram::largest_of(bucket);
    ASSERT_EQ(Histogram::bucket_of(next), bucket);
    ASSERT_EQ(Histogram::bucket_of(largest), bucket);
    ASSERT_LE((largest - next) * 1000, next) << "bucket " << bucket;
    next = largest + 1;
  }
  EXPECT_EQ(next, Histogram::kLargest + 1);
}

TEST(Histogram, PercentilesAreThoseOfTheSortedValuesToThreeDigits) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> latency(11, 2.5);
  const auto histogram = std::make_unique<Histogram>();
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<std::uint64_t>(latency(random)));
    histogram->record(values.back());
  }
  std::ranges::sort(values);
  for (const double percent : {0.0, 1.0, 25.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    const std::uint64_t wanted = exact(values, percent);
    EXPECT_GE(histogram->percentile(percent), wanted) << percent;
    EXPECT_LE(histogram->percentile(percent), wanted + wanted / 1000) << percent;
  }
  EXPECT_EQ(histogram->max(), values.back());
  EXPECT_EQ(histogram->percentile(100), values.back());
  EXPECT_EQ(histogram->count(), values.size());
}

TEST(Histogram, OfNothingIsZero) {
  const auto histogram = std::make_unique<Histogram>();
  EXPECT_EQ(histogram->percentile(99), 0u);
  EXPECT_EQ(histogram->max(), 0u);
  EXPECT_TRUE(histogram->buckets().empty());
}

TEST(Histogram, WhatIsTooLargeCountsAsTheLargest) {
  const auto histogram = std::make_unique<Histogram>();
  histogram->record(Histogram::kLargest - 1);
  histogram->record(Histogram::kLargest);
  histogram->record(Histogram::kLargest + 1);
  histogram->record(UINT64_MAX);
  EXPECT_EQ(histogram->count(), 4u);
  EXPECT_EQ(histogram->max(), Histogram::kLargest);
}

TEST(Histogram, AddingIsAsIfOneHadRecordedAll) {
  const auto all = std::make_unique<Histogram>();
  const auto even = std::make_unique<Histogram>();
  const auto odd = std::make_unique<Histogram>();
  for (std::uint64_t i = 0; i < 5'000; ++i) {
    all->record(i * i);
    (i % 2 == 0 ? even : odd)->record(i * i);
  }
  even->add(*odd);
  EXPECT_EQ(even->buckets(), all->buckets());
  EXPECT_EQ(even->count(), all->count());
  EXPECT_EQ(even->max(), all->max());
}

}  // namespace
}  // namespace load

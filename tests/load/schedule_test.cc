#include "bench/load/schedule.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace load {
namespace {

TEST(Schedule, MessagesGoRoundTheChannelsAndBack) {
  const Schedule schedule = Schedule::at_rate(3, 1, 10);
  EXPECT_EQ(schedule.channel_of(0), 0u);
  EXPECT_EQ(schedule.channel_of(5), 2u);
  EXPECT_EQ(schedule.place_of(5), 1u);
  for (std::uint64_t k = 0; k < 100; ++k) {
    EXPECT_EQ(schedule.index_of(schedule.channel_of(k), schedule.place_of(k)), k);
  }
}

TEST(Schedule, IntendedTimesAreAnIntervalApart) {
  const Schedule schedule = Schedule::at_rate(3, 1, 40'000);
  EXPECT_EQ(schedule.intended_ns(0), 0);
  EXPECT_EQ(schedule.intended_ns(1), 25'000);
  EXPECT_EQ(schedule.intended_ns(40'000), 1'000'000'000);
  // No error adds up: a day later it is still exact.
  EXPECT_EQ(schedule.intended_ns(86'400ull * 40'000), 86'400'000'000'000);
  EXPECT_EQ(Schedule::at_rate(1, 1, 0.5).intended_ns(3), 6'000'000'000);
}

TEST(Schedule, CountsWhatIsIntendedBeforeAMoment) {
  const Schedule schedule = Schedule::at_rate(1, 1, 10);
  EXPECT_EQ(schedule.intended_before(0), 0u);
  EXPECT_EQ(schedule.intended_before(1), 1u);
  EXPECT_EQ(schedule.intended_before(99'999'999), 1u);
  EXPECT_EQ(schedule.intended_before(100'000'000), 1u);
  EXPECT_EQ(schedule.intended_before(100'000'001), 2u);
  EXPECT_EQ(schedule.intended_before(1'000'000'000), 10u);
  EXPECT_EQ(Schedule::at_rate(1, 1, 0).intended_before(1'000'000'000), 0u);
}

TEST(Schedule, CountsAgreeWithTheTimesAtRatesThatDoNotDivide) {
  for (const double rate : {3.0, 7.0, 333.3, 99'991.0}) {
    const Schedule schedule = Schedule::at_rate(1, 1, rate);
    for (std::uint64_t k = 0; k < 2'000; ++k) {
      const std::int64_t time = schedule.intended_ns(k);
      ASSERT_EQ(schedule.intended_before(time), k) << rate;
      ASSERT_EQ(schedule.intended_before(time + 1), k + 1) << rate;
    }
  }
}

TEST(Schedule, AShareIsWhatDealingGives) {
  for (std::uint64_t count = 1; count <= 5; ++count) {
    for (std::uint64_t dealt = 0; dealt <= 12; ++dealt) {
      std::vector<std::uint64_t> got(count);
      for (std::uint64_t i = 0; i < dealt; ++i) ++got[i % count];
      for (std::uint64_t place = 0; place < count; ++place) {
        EXPECT_EQ(Schedule::share(place, count, dealt), got[place]);
      }
    }
  }
}

TEST(Schedule, WhatAConnectionHasDoneIsDealtToItsChannels) {
  for (std::uint64_t channels = 1; channels <= 7; ++channels) {
    for (std::uint64_t connections = 1; connections <= 4; ++connections) {
      const Schedule schedule = Schedule::at_rate(channels, connections, 1);
      std::vector<std::uint64_t> of_connection(connections);
      std::vector<std::uint64_t> of_channel(channels);
      for (std::uint64_t k = 0; k < 30; ++k) {
        const std::uint64_t channel = schedule.channel_of(k);
        ++of_connection[schedule.connection_of(channel)];
        ++of_channel[channel];
        for (std::uint64_t one = 0; one < channels; ++one) {
          ASSERT_EQ(schedule.done_on(one, of_connection[schedule.connection_of(one)]),
                    of_channel[one])
              << channels << " channels, " << connections << " connections, message " << k;
        }
      }
    }
  }
}

}  // namespace
}  // namespace load

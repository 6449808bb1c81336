// What a run found out, for the table and for programs. A value; absent is what was not measured.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "bench/load/histogram.h"

namespace load {

struct Results {
  struct Subscribe {
    double seconds = 0;
    std::optional<double> cpu_us_per_connection;
  };
  struct Memory {
    std::uint64_t pss_before = 0;
    std::uint64_t pss_after = 0;
    double bytes_per_subscriber = 0;
  };
  struct Idle {
    double seconds = 0;
    std::optional<double> cpu_us_per_subscriber_second;
  };
  struct Publish {
    double seconds = 0;  // from the end of the warm-up until all had arrived
    std::optional<double> offered_per_second;
    std::uint64_t published = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t deliveries = 0;
    std::uint64_t expected = 0;
    // Of the warm-up too.
    std::uint64_t missing = 0;
    std::uint64_t repeated = 0;
    std::uint64_t out_of_order = 0;
    std::uint64_t closed = 0;  // measured subscribers' connections that the server closed
    double deliveries_per_second = 0;
    std::optional<double> cpu_us_per_delivery;
    std::optional<double> cpu_us_per_message;
    std::optional<double> server_cpu_seconds;
    std::optional<std::uint64_t> responses;  // to polls: cycles of answer and next request
    std::optional<double> cpu_us_per_response;
    // What all processes of the generator took, of one core: near 1 it is them that are measured.
    double generator_load = 0;

    [[nodiscard]] bool faultless() const {
      return missing == 0 && repeated == 0 && out_of_order == 0;
    }
  };
  struct Slow {
    std::uint64_t subscribers = 0;
    std::uint64_t closed = 0;
  };

  Subscribe subscribe;
  std::optional<Memory> memory;
  std::optional<Idle> idle;
  std::optional<Publish> publish;
  std::unique_ptr<Histogram> latency;  // nanoseconds; with `publish`
  std::optional<Slow> slow;
};

}  // namespace load

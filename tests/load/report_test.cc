#include "bench/load/report.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace load {
namespace {

Options options() {
  Options options;
  options.command = {"comet-load", "--json", "a \"b\".json"};
  options.subscribers = 10;
  return options;
}

TEST(Report, WhatWasNotMeasuredIsNull) {
  Results results;
  results.subscribe.seconds = 0.5;
  EXPECT_EQ(to_json(options(), results),
            R"({"command": ["comet-load", "--json", "a \"b\".json"], "server": "comet", )"
            R"("transport": "stream", "subscribers": 10, "channels": 1, "content_bytes": 100, )"
            R"("subscribe": {"seconds": 0.5, "cpu_us_per_connection": null}, "memory": null, )"
            R"("idle": null, "publish": null, "latency_us": null, "slow": null})"
            "\n");
}

TEST(Report, SaysWhatWasMeasured) {
  Results results;
  results.subscribe = {0.5, 12.5};
  results.memory = Results::Memory{1000, 2280, 128};
  results.idle = Results::Idle{2, 0.25};
  Results::Publish publish;
  publish.seconds = 2;
  publish.offered_per_second = 100;
  publish.published = publish.acknowledged = 200;
  publish.deliveries = 1999;
  publish.expected = 2000;
  publish.missing = 1;
  publish.cpu_us_per_delivery = 1.5;
  results.publish = publish;
  results.latency = std::make_unique<Histogram>();
  for (const std::uint64_t ns : {1000, 2000, 2000}) results.latency->record(ns);
  results.slow = Results::Slow{3, 2};

  const std::string json = to_json(options(), results);
  for (const std::string part :
       {R"("cpu_us_per_connection": 12.5)", R"("bytes_per_subscriber": 128)",
        R"("cpu_us_per_subscriber_second": 0.25)", R"("offered_per_second": 100)",
        R"("expected": 2000, "missing": 1,)", R"("cpu_us_per_message": null)",
        R"("latency_us": {"p50": 2, "p90": 2, "p99": 2, "p99.9": 2, "max": 2, "count": 3, )"
        R"("buckets": [[1, 1], [2, 2]]})",
        R"("slow": {"subscribers": 3, "closed": 2})"}) {
    EXPECT_NE(json.find(part), std::string::npos) << part << "\nin " << json;
  }
  const std::string table = to_table(options(), results);
  EXPECT_NE(table.find("1 missing"), std::string::npos) << table;
  EXPECT_NE(table.find("128.0 B"), std::string::npos) << table;
}

}  // namespace
}  // namespace load
